"""What stands, and how it is said: every reported thing as recorded, and the severity of each episode."""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple

from msgspec.structs import asdict

from chassis.judge import Said, State, difference
from schemas.events.treatment import (
    Admitted,
    ComorbidityRecorded,
    ImagingRecorded,
    SeverityAssessed,
    SymptomsRecorded,
    TreatmentRecorded,
    VitalSignsRecorded,
)
from schemas.limits import within_limits
from schemas.message import CaseEvent
from services.treatment.domain.facts import Admission, Fact, Facts, ResultVersion
from services.treatment.domain.results import Versions, by_result, result_event
from services.treatment.domain.severity import Assessment
from services.treatment.domain.taken_back import admissions, imaging

Things = Mapping[Any, Any]


class Shelf(NamedTuple):
    """One kind of thing: what of the case it is drawn from, what stands of it by key, and how one of it is said."""

    source: Callable[[State], Any]
    things: Callable[[Any], Things]
    event: Callable[[str, Any], CaseEvent]
    happened: Callable[[Any], datetime]


def _recorded(
    told: Callable[[Facts], tuple[Fact, ...]], event: type[CaseEvent], things: Callable[[Any], Things] | None = None
) -> Shelf:
    def say(case_id: str, fact: Fact) -> CaseEvent:
        # What a fact has and its event has not is ignored: `rank`.
        return within_limits(event)(case_id=case_id, **asdict(fact))

    return Shelf(lambda state: told(state.facts), things or _by_key, say, lambda fact: fact.at)


def _by_stay(holding: tuple[Admission, ...]) -> Things:
    return {admission.stay: admission for admission in holding}


def _by_key(facts: tuple[Fact, ...]) -> Things:
    return {fact.key: fact for fact in facts}


def _by_episode(assessments: tuple[Assessment, ...]) -> Things:
    return {(assessment.episode, assessment.by): assessment for assessment in assessments}


def _severity(case_id: str, assessment: Assessment) -> CaseEvent:
    return within_limits(SeverityAssessed)(case_id=case_id, **asdict(assessment))


def _resulted(versions: Versions) -> datetime:
    return versions[-1].resulted_at


SHELVES: Mapping[str, Shelf] = {
    "admission": _recorded(admissions, Admitted, _by_stay),
    "result": Shelf(lambda state: state.facts.results, by_result, result_event, _resulted),
    "vital_signs": _recorded(attrgetter("vital_signs"), VitalSignsRecorded),
    "symptoms": _recorded(attrgetter("symptoms"), SymptomsRecorded),
    "imaging": _recorded(imaging, ImagingRecorded),
    "treatment": _recorded(attrgetter("treatments"), TreatmentRecorded),
    "comorbidity": _recorded(attrgetter("comorbidities"), ComorbidityRecorded),
    "severity": Shelf(
        lambda state: state.conclusions.assessments, _by_episode, _severity, lambda assessment: assessment.assessed_at
    ),
}


def standing(facts: Facts, conclusions: Any) -> dict[tuple[str, Any], Any]:
    """Everything that stands, by kind and key: a function of the state alone."""
    state = State(facts, conclusions)
    return {
        (kind, key): thing
        for kind, shelf in SHELVES.items()
        for key, thing in shelf.things(shelf.source(state)).items()
    }


def announce(before: State, after: State) -> Iterator[Said]:
    """What is new, changed, or no longer stands; a report sent again under another id says nothing new."""
    for shelf in SHELVES.values():
        was, now = shelf.source(before), shelf.source(after)
        if was is now or was == now:
            continue
        for _, old, new in difference(*_changed(shelf, was, now)):
            yield from _difference(shelf, after.facts.case_id, old, new)


def _difference(shelf: Shelf, case_id: str, old: Any, new: Any) -> Iterator[Said]:
    """What stands is compared by what it says: a thing may be the same with another rank, or another history."""
    said = None if old is None else shelf.event(case_id, old)
    if said and new is None:
        yield Said(said.model_copy(update={"withdrawn": True}), shelf.happened(old))
    elif new is not None and (event := shelf.event(case_id, new)) != said:
        yield Said(event, shelf.happened(new))


def _changed(shelf: Shelf, was: Any, now: Any) -> tuple[Things, Things]:
    """The things before and after; of facts only those that differ, as most of thousands are the very same objects."""
    if shelf.things not in {_by_key, by_result}:
        return shelf.things(was), shelf.things(now)
    before, after = {id(fact) for fact in was}, {id(fact) for fact in now}
    gone = tuple([fact for fact in was if id(fact) not in after])
    new = tuple([fact for fact in now if id(fact) not in before])
    if shelf.things is by_result:
        touched = {version.result_id for version in (*gone, *new)}
        return by_result(_of(was, touched)), by_result(_of(now, touched))
    return shelf.things(gone), shelf.things(new)


def _of(versions: Iterable[ResultVersion], result_ids: Container[str]) -> list[ResultVersion]:
    return [version for version in versions if version.result_id in result_ids]
