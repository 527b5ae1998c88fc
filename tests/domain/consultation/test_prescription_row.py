"""The row of a prescription: what waits for a pharmacist, and what for whoever dispenses, sends or brings it."""

from typing import Any

import pytest
from msgspec.json import decode

from schemas.message import Message
from services.consultation.domain.prescription.read_model import Row
from services.consultation.routes import PRESCRIPTION
from tests.domain.consultation.kinds import CHANNEL_ID, CONSULTATION_ID, AsItHappened, at, issue, reviewed, step
from tests.domain.consultation.test_prescriptions import (
    AGAIN,
    APPROVED,
    DELIVERED,
    DISPATCHED,
    DISPENSED,
    FAILED,
    known,
)


def row(story: AsItHappened) -> Row:
    assert PRESCRIPTION.table
    values = PRESCRIPTION.table.row(story.state)
    assert values is not None
    return Row(*values)


def review(story: AsItHappened) -> Any:
    return decode(row(story).review or "null")


def delivery(story: AsItHappened) -> Any:
    return decode(row(story).delivery or "null")


def test_the_row_has_the_columns_of_its_table() -> None:
    assert PRESCRIPTION.table
    assert Row._fields == tuple(PRESCRIPTION.table.columns)


def test_what_no_consultation_wrote_has_no_row() -> None:
    assert PRESCRIPTION.table
    assert PRESCRIPTION.table.row(AsItHappened(PRESCRIPTION).given(APPROVED).state) is None


def test_what_was_issued_waits_for_a_pharmacist() -> None:
    story = known()

    found = row(story)
    assert (found.jurisdiction, found.district, found.plain_district) == ("CN-BJ", "Xicheng", "xicheng")
    assert (found.review_by, found.deliver_by, found.delivery) == (at("12-10T03:30"), None, None)
    assert review(story) == {
        "kind": "prescription",
        "waits_for": "review",
        "since": "2022-12-10T03:00:00+08:00",
        "attempt": 1,
        "consultation_id": CONSULTATION_ID,
        "channel_id": CHANNEL_ID,
        "case_id": None,
        "expert_ref": "e-1",
        "reason": None,
        "time_zone": "Asia/Shanghai",
    }


def test_what_is_late_still_waits_for_a_pharmacist() -> None:
    assert row(known().until(at("12-11T00:00"))).review_by == at("12-10T03:30")


@pytest.mark.parametrize(
    ("reports", "waits_for", "since", "due"),
    [
        ((APPROVED,), "dispensing", "12-10T03:10", "12-10T07:10"),
        ((APPROVED, DISPENSED), "dispatch", "12-10T03:10", "12-10T07:10"),
        ((APPROVED, DISPENSED, DISPATCHED), "delivery", "12-10T04:00", "12-11T04:00"),
    ],
)
def test_what_was_approved_waits_for_the_next_step(
    reports: tuple[Message, ...], waits_for: str, since: str, due: str
) -> None:
    story = known(*reports)

    assert (row(story).review_by, row(story).review) == (None, None)
    assert row(story).deliver_by == at(due)
    assert (delivery(story)["kind"], delivery(story)["waits_for"]) == ("delivery", waits_for)
    assert (delivery(story)["since"], delivery(story)["attempt"]) == (at(since).isoformat(), 1)


def test_what_failed_waits_to_be_dispatched_again_and_says_why() -> None:
    story = known(APPROVED, DISPENSED, DISPATCHED, FAILED)

    assert row(story).deliver_by == at("12-10T10:00")
    found = delivery(story)
    assert (found["waits_for"], found["attempt"], found["reason"]) == ("dispatch", 2, "nobody_home")


def test_a_further_delivery_says_why_the_one_before_it_failed() -> None:
    story = known(APPROVED, DISPENSED, DISPATCHED, FAILED, AGAIN)

    assert (delivery(story)["waits_for"], delivery(story)["reason"]) == ("delivery", "nobody_home")
    story.when(step("failed", "12-10T11:00", reason="wrong_address"))
    assert (delivery(story)["waits_for"], delivery(story)["reason"]) == ("dispatch", "wrong_address")


@pytest.mark.parametrize(
    "story",
    [
        known(APPROVED, DISPENSED, DISPATCHED, DELIVERED),
        known(reviewed("12-10T03:10", "rejected")),
        known(context=issue(by_prescriber=False)),
    ],
    ids=["delivered", "rejected", "not issued"],
)
def test_what_is_over_waits_for_nobody(story: AsItHappened) -> None:
    found = row(story)

    assert (found.review_by, found.review, found.deliver_by, found.delivery) == (None,) * 4


def test_what_was_written_at_no_known_place_is_on_the_list_of_the_unknown() -> None:
    story = known(context=issue(jurisdiction=None, district=None))

    assert (row(story).jurisdiction, row(story).district, row(story).plain_district) == ("unknown", "", "")
    assert review(story)["time_zone"] == "UTC"
