"""The demo of online care: what is published at which instant of its clock, and that a figure that differs is seen."""

import io
from collections.abc import Sequence
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path

import pytest
import typer
from rich.console import Console

from afterward.cli import demo, demo_online
from afterward.cli.demo import Story
from afterward.demo.channels import Check, checks, count
from afterward.demo.online import STEP, steps
from schemas.envelope import Envelope, encode, read
from schemas.events.consultation import (
    ConsultationAssigned,
    ConsultationClosed,
    ConsultationEvent,
    MedicineDelivered,
    ReferredOffline,
)
from schemas.message import Event
from story.online import (
    CHILD,
    CHILDS_PRESCRIPTION,
    DAY,
    ITS_CENTRE,
    KNOWN,
    LISTED_ONLY,
    Publication,
    published,
    reports,
)
from story.publication import at, named

GREEN, CHILDRENS = "zj-green-channel", "hn-childrens-channel"


def event(message: Event, subject: str, sequence: int = 1) -> Envelope:
    """As consultation says it, and an integrator reads it."""
    value = encode(
        message,
        id=str(named(message.type_name(), subject, sequence)),
        source="/services/consultation",
        subject=subject,
        time=at(DAY, 12),
        recordedtime=at(DAY, 12),
        sequence=sequence,
    )
    return read(value)


def held(name: str, channel: str, person: int, expert: int, closed_at: datetime | None = None) -> ConsultationClosed:
    return ConsultationClosed(
        consultation_id=name,
        channel_id=channel,
        priority="other",
        outcome="held",
        closed_at=closed_at or at(DAY, 12),
        requested_at=at(DAY, 11.5),
        person_ref=f"p-{person}",
        mode="text",
        expert_ref=f"e-{expert}",
        refers=False,
    )


def everything(consultations: int = 8_437, experts: int = 72, children: int = 294) -> list[Envelope]:
    """What stands of so many consultations."""
    green = [held(f"c-{n}", GREEN, n // 2, n % experts) for n in range(consultations)]
    childrens = [held(f"h-{n}", CHILDRENS, n % children, n % 12) for n in range(children + 15)]
    return [event(closed, closed.consultation_id) for closed in (*green, *childrens)]


DELIVERED = MedicineDelivered(
    prescription_id=CHILDS_PRESCRIPTION, consultation_id=CHILD, attempt=1, delivered_at=at(DAY, 5)
)
REFERRED = ReferredOffline(
    consultation_id=LISTED_ONLY, why="no_channel", referred_at=at(DAY, 10), institution_id=ITS_CENTRE
)


def shown(*, delivered: MedicineDelivered = DELIVERED, referred: ReferredOffline = REFERRED) -> list[Envelope]:
    """What was said of those whom the demo shows."""
    return [event(delivered, CHILDS_PRESCRIPTION), event(referred, LISTED_ONLY)]


def differing(found: Sequence[Check]) -> list[str]:
    return [check.found for check in found if not check.agrees]


def test_the_demo_agrees_with_what_was_published() -> None:
    found = list(checks(everything(), shown()))
    assert [check.published for check in found[: len(published())]] == [figure.words for figure in published()]
    assert [check.found for check in found] == ["72", "8,437", "294", "1", "there"]
    assert differing(found) == []


@pytest.mark.parametrize(
    ("consultations", "differs"), [(8_400, ["8,400"]), (8_401, []), (8_499, []), (8_500, ["8,500"])]
)
def test_more_than_8400_consultations_are_less_than_8500(consultations: int, differs: list[str]) -> None:
    assert differing(list(checks(everything(consultations=consultations), shown()))) == differs


@pytest.mark.parametrize(("experts", "differs"), [(71, ["71"]), (72, []), (73, ["73"])])
def test_72_experts_are_neither_more_nor_less(experts: int, differs: list[str]) -> None:
    assert differing(list(checks(everything(experts=experts), shown()))) == differs


@pytest.mark.parametrize(("children", "differs"), [(289, ["289"]), (290, []), (300, []), (301, ["301"])])
def test_nearly_300_children_are_290_to_300(children: int, differs: list[str]) -> None:
    assert differing(list(checks(everything(children=children), shown()))) == differs


def test_without_any_event_every_figure_differs() -> None:
    assert differing(list(checks([], []))) == ["0", "0", "0", "0", "nowhere"]


def test_a_medicine_that_was_not_delivered_and_another_centre_are_seen() -> None:
    taken_back = DELIVERED.model_copy(update={"withdrawn": True})
    elsewhere = REFERRED.model_copy(update={"institution_id": "cn-bj-haidian-centre"})
    found = list(checks(everything(), shown(delivered=taken_back, referred=elsewhere)))
    assert differing(found) == ["0", "cn-bj-haidian-centre"]


def test_only_what_stands_and_was_held_by_the_end_of_the_day_counts() -> None:
    first, second = held("c-1", GREEN, 1, 1), held("c-2", GREEN, 1, 2)
    cancelled = first.model_copy(update={"outcome": "cancelled"})
    after = held("c-3", GREEN, 3, 3, closed_at=at(DAY, 24))
    data = [event(each, f"c-{n}").data for n, each in enumerate((first, second, cancelled, after))]
    assert count(data, DAY) == {GREEN: {"consultations": 2, "people": 1, "experts": 2}}
    assert count(data, date(2022, 12, 24)) == {}


def test_a_consultation_that_is_open_again_does_not_count() -> None:
    closed = held("c-1", GREEN, 1, 1)
    again: ConsultationEvent = ConsultationAssigned(
        consultation_id="c-1",
        channel_id=GREEN,
        priority="other",
        expert_ref="e-1",
        assigned_at=at(DAY, 13),
        answer_by=at(DAY, 14),
    )
    found = list(checks([event(closed, "c-1"), event(again, "c-1", sequence=2)], shown()))
    assert found[1].found == "0"


@pytest.fixture(scope="module")
def publications() -> list[Publication]:
    """The first days of the story, and those of the child."""
    return [one for one in reports() if one.publish_at < at(date(2022, 12, 11), 0) or one.key in KNOWN]


def test_the_clock_moves_by_ten_minutes_and_to_each_report_of_those_who_are_shown(
    publications: list[Publication],
) -> None:
    taken = list(steps(publications))
    assert all(earlier < later for (earlier, _), (later, _) in pairwise(taken))
    assert sorted(one for _, due in taken for one in due) == sorted(publications)
    for instant, due in taken:
        for one in due:
            assert instant == one.publish_at if one.key in KNOWN else instant - STEP < one.publish_at <= instant
            assert one.key in KNOWN or instant.minute % 10 == instant.second == 0


def test_reports_of_one_step_are_in_the_order_in_which_they_were_written(publications: list[Publication]) -> None:
    for _, due in steps(publications):
        assert [one.publish_at for one in due] == sorted(one.publish_at for one in due)


def test_a_request_is_explained_by_what_it_asks_for(publications: list[Publication]) -> None:
    asked = demo_online._request(publications, LISTED_ONLY)
    assert (asked["jurisdiction"], asked["district"], asked["channel_id"]) == ("CN-BJ", "Xicheng", None)
    assert asked["age"] == {"value": 34, "unit": "a"}
    assert len(asked["symptoms"]) == 3


def test_the_verdict_counts_what_differs(capsys: pytest.CaptureFixture[str]) -> None:
    agreeing = list(checks(everything(), shown()))
    assert demo_online._verdict(agreeing) == 0
    assert demo_online._verdict([*agreeing, Check("another figure", "1", "2", agrees=False)]) == 1
    printed = capsys.readouterr().out
    assert "5 of 5 agree" in printed
    assert "5 of 6 agree" in printed
    assert "differs" in printed


def test_a_bus_of_ones_own_has_room_for_one_story(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit):
        demo.demo(Story.BOTH, bus="localhost:9092", data_dir=tmp_path)
    assert "one --story at a time" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_table_of_online_care_fits_80_columns_whether_its_figures_agree_or_differ() -> None:
    for found in (list(checks(everything(), shown())), list(checks([], []))):
        printed = Console(file=io.StringIO(), width=80, soft_wrap=True)
        printed.print(demo_online._table(found))
        lines = printed.file.getvalue().splitlines()  # type: ignore[attr-defined]
        assert len(lines) == 2 + len(found), "a row is wrapped"
        assert max(map(len, lines)) <= 80
