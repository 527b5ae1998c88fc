"""The first day of the story of online care, and those whom the demo shows, told to directory and consultation.

All is told as the demo tells it: when the clock moves, and what comes to the bus then. No bus is needed for it.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from random import Random

import pytest

from afterward.demo.channels import checks, count
from afterward.demo.online import steps
from schemas.envelope import HEADERS, Envelope, read
from schemas.reports.consultation import ConsultationRequested
from schemas.topics import events_topic
from story.online import CHILD, CHILDS_PRESCRIPTION, END, ITS_CENTRE, KNOWN, Publication, reports
from story.publication import at
from tests.rest.house import House
from tests.story.online.tally import instant, parse, tally

FIRST_DAY, SECOND_DAY = date(2022, 12, 9), at(date(2022, 12, 10), 0)
GREEN = "zj-green-channel"
BY_THE_CLOCK = timedelta(minutes=10)
AWAKE = ("directory", "consultation")
EVENTS = events_topic("consultation").name
ASKED = ConsultationRequested.type_name()


class Unhurried(Random):
    """Chance of a house in which no service is slow."""

    def random(self) -> float:
        return 0.9


class Beside(House):
    """A house with somebody who reads all that consultation says."""

    def __init__(self, now: datetime) -> None:
        super().__init__(now, Unhurried(1))
        self.heard: list[tuple[datetime, Envelope]] = []

    def _append(self, topic_name: str, key: str, value: bytes) -> None:
        if topic_name == EVENTS:
            self.heard.append((self.now, read(value, HEADERS)))
        super()._append(topic_name, key, value)

    def publish(self, publication: Publication) -> None:
        """A report comes to its topic, as it was written."""
        self._append(publication.topic, publication.key, publication.value)

    def about(self, *subjects: str) -> list[str]:
        """The names of the events about these, in the order in which they were said."""
        return [event.type.split(".")[1] for _, event in self.heard if event.subject in subjects]


@pytest.fixture(scope="module")
def publications() -> list[Publication]:
    """All that is reported of who asked on the first day or is shown by the demo; who is on duty, on every day."""
    everything = [(one, read(one.value, HEADERS)) for one in reports()]
    asked = {event.subject for _, event in everything if event.type == ASKED and event.time < SECOND_DAY} | KNOWN
    return [one for one, event in everything if event.data.get("consultation_id") in asked | {None}]


@pytest.fixture(scope="module")
def house(publications: Sequence[Publication]) -> Beside:
    """The two services after all of it."""
    made = Beside(at(date(2022, 12, 8), 0))
    for shows, due in steps(publications):
        made.step_to(shows)
        for publication in due:
            made.publish(publication)
        made.rest(50_000, AWAKE)
    made.step_to(END)
    made.rest(50_000, AWAKE)
    return made


def test_the_figures_of_the_first_day_are_those_of_the_raw_reports(
    house: Beside, publications: Sequence[Publication]
) -> None:
    reported = tally(parse(one.value for one in publications), GREEN, FIRST_DAY)
    closed = [event.data for event in house.asked("ConsultationClosed")]
    assert count(closed, FIRST_DAY) == {GREEN: reported}
    assert reported["consultations"] > 80


def test_no_request_is_overdue_but_the_late_one_and_those_without_a_channel(house: Beside) -> None:
    overdue = {event.data["consultation_id"]: event.data for event in house.asked("ConsultationOverdue")}
    in_channels = [data for data in overdue.values() if "channel_id" in data]
    assert len(in_channels) == 1
    assert overdue.keys() - {in_channels[0]["consultation_id"]} <= KNOWN


def test_no_step_of_a_medicine_is_overdue_and_each_is_delivered_or_rejected(house: Beside) -> None:
    ends = [len(house.asked(name)) for name in ("PrescriptionRejected", "MedicineDelivered")]
    assert house.asked("PrescriptionOverdue") == []
    assert sum(ends) == len(house.asked("PrescriptionIssued")) > 10


def test_the_gap_is_found_a_week_ahead_and_closed_in_the_morning(house: Beside) -> None:
    words = [(now, event.data) for now, event in house.heard if event.type.endswith("RosterGapFound.v1")]
    (found_at, gap), (closed_at, taken_back) = words
    assert (gap["from"], gap["until"]) == ("2022-12-17T00:00:00+08:00", "2022-12-17T02:00:00+08:00")
    assert (instant(gap["from"]) - found_at).days in {6, 7}
    assert found_at - at(date(2022, 12, 10), 0) < BY_THE_CLOCK
    assert taken_back["withdrawn"] is True
    assert closed_at.astimezone(found_at.tzinfo).date() == found_at.date()


def test_the_child_has_the_medicine(house: Beside) -> None:
    assert house.about(CHILD, CHILDS_PRESCRIPTION) == [
        "ConsultationQueued",
        "ConsultationAssigned",
        "ConsultationClosed",
        "PrescriptionIssued",
        "PrescriptionApproved",
        "MedicineDispensed",
        "MedicineDispatched",
        "MedicineDelivered",
    ]


def test_those_in_beijing_and_the_red_flag_are_referred(house: Beside) -> None:
    referred = {
        (event.data["why"], event.data["institution_id"])
        for event in house.asked("ReferredOffline")
        if event.subject in KNOWN
    }
    assert {
        ("no_channel", ITS_CENTRE),
        ("no_channel", "cn-bj-haidian-hospital"),
        ("red_flag", "cn-zj-xihu-hospital"),
    } <= referred


def test_the_demo_sees_the_medicine_and_the_referral(house: Beside) -> None:
    found = list(checks([], [event for _, event in house.heard]))
    assert [check.agrees for check in found[-2:]] == [True, True]
