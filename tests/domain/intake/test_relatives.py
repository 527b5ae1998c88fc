"""I5 and I6: who belongs together, by the party and by the person."""

from datetime import timedelta
from typing import Any

from msgspec.json import decode

from schemas.events.intake import CaseImported, TransferRequested
from services.intake.domain.conclude import CaseState, relative
from services.intake.domain.institutions import Institutions, directory, relatives_of
from services.intake.domain.worklist import Row
from services.intake.routes import CASE as KIND
from tests.domain.intake.journeys import (
    CASE,
    CONTEXT,
    admitted,
    arrived,
    at,
    discharged,
    hospital,
    knowing,
    recorded,
    retracted,
    version,
)
from tests.domain.story import Story

RECEIVED_AT = at("09-15T16:00")
ADULT: dict[str, Any] = {"age": {"value": 30, "unit": "a"}, "person_ref": "p-mother"}


def own(name: str, message: Any) -> Any:
    """The same of another case."""
    return message.model_copy(update={"case_id": name})


def known_case(name: str, context: Institutions, confirmed: bool = True, **changed: Any) -> Story:
    """A case of that name, confirmed on 15 September unless told otherwise."""
    story = Story(KIND, context).given(own(name, arrived(**changed)), received_at=RECEIVED_AT)
    return story.given(own(name, recorded("r-1")), received_at=RECEIVED_AT) if confirmed else story


def sent(story: Story) -> list[Any]:
    return [one.to_institution_id for one in story.state.conclusions.transfers]


def beside(context: Institutions, *stories: Story) -> Institutions:
    """The same world, with what other cases are in it."""
    known = [relative(story.state) for story in stories]
    return Institutions(context._known, context._sent, relatives=relatives_of(known))


TWO = knowing(hospital("A"), hospital("B"))


def test_i5_the_child_is_sent_where_its_mother_was_sent_though_that_one_has_more_transfers() -> None:
    mother = known_case("case-mother", TWO, **ADULT)
    assert sent(mother) == ["A"]
    child = known_case(CASE, mother.context)
    assert sent(child) == ["A"], "in one batch"
    assert sent(known_case(CASE, beside(TWO, mother))) == ["A"], "as read back"
    assert sent(known_case(CASE, mother.context, party_id="another")) == ["B"]


def test_i5_it_prevails_over_the_district() -> None:
    context = knowing(hospital("A"), hospital("NEAR", district="Pudong"))
    mother = known_case("case-mother", knowing(hospital("A")), **ADULT)
    assert sent(known_case(CASE, beside(context, mother))) == ["A"]


def test_i5_the_mother_is_sent_where_her_child_can_be_taken_too_though_it_is_no_case_yet() -> None:
    context = knowing(hospital("A", capabilities=()), hospital("B"))
    assert sent(known_case("case-mother", context, **ADULT)) == ["A"]
    child = known_case(CASE, context, confirmed=False)
    mother = known_case("case-mother", beside(context, child), **ADULT)
    assert sent(mother) == ["B"]


def test_i5_nobody_is_sent_with_a_party_to_where_they_cannot_be_taken() -> None:
    context = knowing(hospital("A", capabilities=()), hospital("B"))
    mother = known_case("case-mother", context, **ADULT)
    assert (sent(mother), sent(known_case(CASE, beside(context, mother)))) == (["A"], ["B"])


def test_i5_of_two_who_were_sent_apart_not_knowing_of_each_other_the_later_follows() -> None:
    """Of two who were sent at one moment the one with the greater id."""
    child = known_case("case-1-child", TWO)
    mother = known_case("case-2-mother", knowing(hospital("B")), **ADULT)
    assert child.state.conclusions.apart == ()
    child.context, mother.context = beside(TWO, mother), beside(TWO, child)
    before = child.state
    child.when(own("case-1-child", recorded("r-2", "not_detected"))).stays_quiet()
    assert wakes(before, child) == [("case", "case-2-mother")]
    mother.when(own("case-2-mother", recorded("r-2", "not_detected")))
    mother.then((TransferRequested, {"to_institution_id": "A"}))


def test_i5_who_has_been_admitted_follows_nobody() -> None:
    child = known_case("case-1-child", TWO)
    mother = known_case("case-2-mother", knowing(hospital("B")), **ADULT)
    mother.given(own("case-2-mother", admitted("B")))
    mother.context = beside(TWO, child)
    mother.when(own("case-2-mother", recorded("r-2", "not_detected"))).stays_quiet()


def test_i5_who_lay_somewhere_before_another_was_sent_is_followed_however_late_that_is_told() -> None:
    mother = known_case("case-2-mother", knowing(hospital("B")), **ADULT)
    child = known_case("case-1-child", TWO, False).given(
        own("case-1-child", admitted("A")), received_at=at("09-16T09:00")
    )
    child.given(own("case-1-child", recorded("r-1")), received_at=at("09-16T09:00"))
    mother.context = beside(TWO, child)
    mother.when(own("case-2-mother", recorded("r-2", "not_detected")), received_at=at("09-16T10:00"))
    mother.then((TransferRequested, {"to_institution_id": "A"}))


def duplicates(story: Story) -> list[tuple[str, Any]]:
    return [(one.case_id, one.since) for one in story.state.conclusions.duplicates]


def row(state: CaseState) -> Row:
    assert KIND.table is not None
    return Row(*(KIND.table.row(state) or ()))


def test_i6_two_cases_of_one_person_whose_courses_overlap_are_shown_both() -> None:
    first = known_case("case-1", CONTEXT)
    second = known_case("case-2", beside(CONTEXT, first), arrived_at=at("09-14T22:00"))
    assert duplicates(second) == [("case-1", at("09-14T22:00"))]
    first.context = beside(CONTEXT, second)
    first.until(RECEIVED_AT).when(own("case-1", recorded("r-2", "not_detected")))
    assert duplicates(first) == [("case-2", at("09-14T22:00"))]
    for story, cases in ((first, ["case-1", "case-2"]), (second, ["case-2", "case-1"])):
        known = row(story.state)
        assert (known.jurisdiction, known.duplicate_since) == ("CN-SH", at("09-14T22:00"))
        assert decode(known.duplicate or "")["cases"] == cases


def test_i6_somebody_who_was_no_case_and_came_again_a_month_later_is_none() -> None:
    first = known_case("case-1", CONTEXT, confirmed=False)
    again = known_case("case-2", beside(CONTEXT, first), confirmed=False, arrived_at=at("10-14T22:00"))
    assert duplicates(again) == []
    soon = known_case("case-2", beside(CONTEXT, first), confirmed=False, arrived_at=at("09-20T22:00"))
    assert [case for case, _ in duplicates(soon)] == ["case-1"]


def test_i6_a_course_ends_with_aftercare_a_death_and_an_exclusion() -> None:
    for how, later, overlaps in (
        (discharged("10-01T10:00"), "10-29T23:59", True),
        (discharged("10-01T10:00"), "10-30T00:01", False),
        (discharged("10-01T10:00", "died"), "10-02T00:00", False),
        (discharged("10-01T10:00", "transferred"), "12-01T00:00", True),
        (retracted(version("r-1")), "09-16T12:00", False),
    ):
        first = known_case("case-1", CONTEXT).given(own("case-1", how))
        second = known_case("case-2", beside(CONTEXT, first), confirmed=False, arrived_at=at(later))
        assert bool(duplicates(second)) == overlaps, (how, later)


def test_i6_another_person_and_the_case_itself_are_none() -> None:
    first = known_case("case-1", CONTEXT)
    assert duplicates(known_case("case-2", beside(CONTEXT, first), person_ref="p-2")) == []
    assert duplicates(known_case("case-1", beside(CONTEXT, first))) == []


def wakes(before: CaseState, story: Story) -> list[tuple[str, str]]:
    assert KIND.wakes is not None
    return list(KIND.wakes(before, story.state))


def test_i6_who_has_a_course_looks_once_more_and_who_has_found_another_tells_it() -> None:
    first = known_case("case-1", CONTEXT)
    before = first.state
    assert wakes(KIND.begin(), first) == [("case", "case-1")]
    first.when(own("case-1", recorded("r-2", "not_detected")))
    assert wakes(before, first) == [], "nothing has changed that others have to know"
    second = known_case("case-2", beside(CONTEXT, first))
    assert wakes(KIND.begin(), second) == [("case", "case-2"), ("case", "case-1")]


def test_i6_stays_quiet_on_the_bus() -> None:
    story = Story(KIND, beside(CONTEXT, known_case("case-1", CONTEXT))).given(
        own("case-2", arrived()), received_at=RECEIVED_AT
    )
    story.when(own("case-2", recorded("r-1"))).then(CaseImported, TransferRequested)


def test_i5_the_directory_and_the_tally_stay_beside_what_is_added_up() -> None:
    day = RECEIVED_AT.date()
    context = Institutions(directory([hospital("A")]), {("A", day): 2})
    story = known_case(CASE, context)
    assert story.context.sent("A", day) == 3
    assert story.context.sent("A", day + timedelta(days=1)) == 0
    assert story.context.party_of(relative(known_case("case-2", CONTEXT).state))[0].sent_to == "A"
