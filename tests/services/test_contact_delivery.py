"""Receivers are kept apart: one that hangs, is full, or is a defect of ours holds up nobody else."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from schemas.events.contact import ContactRequested
from services.contact import delivery
from services.contact.adapters.port import DELIVERED, Letter, Result, failed
from services.contact.delivery import AT_ONCE, Delivery
from tests.domain.contact.journeys import CASE_ID, RECEIVED_AT


def request(to: str = "a", number: int = 1) -> ContactRequested:
    return ContactRequested(
        about=CASE_ID,
        delivery_id=f"delivery-{number}",
        subscription_id=to,
        event_id=f"event-{number}",
        event_type="afterward.AlertForwarded.v1",
        attempt=1,
        recorded_at=RECEIVED_AT,
        sequence=1,
        message={"case_id": CASE_ID},
    )


class Takes:
    """A receiver that takes everything, or does whatever it is told."""

    def __init__(self, waits_for: asyncio.Event | None = None, raises: Exception | None = None) -> None:
        self.waits_for, self.raises = waits_for, raises
        self.got: list[str] = []
        self.at_once = self.most_at_once = 0

    async def deliver(self, letter: Letter) -> Result:
        self.got.append(letter.event_id)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            if self.waits_for:
                await self.waits_for.wait()
        finally:
            self.at_once -= 1
        if self.raises:
            raise self.raises
        return DELIVERED


async def test_a_request_is_carried_to_its_receiver_and_no_other() -> None:
    one, other = Takes(), Takes()
    assert await Delivery({"a": one, "b": other}).carry(request("b", 7)) == DELIVERED
    assert (one.got, other.got) == ([], ["event-7"])


async def test_a_subscription_that_the_file_does_not_know_is_not_tried() -> None:
    assert await Delivery({}).carry(request()) == failed("unsubscribed")


async def test_a_receiver_that_does_not_answer_in_time_is_left_alone_for_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [100.0]
    monkeypatch.setattr(delivery, "monotonic", lambda: now[0])
    hangs, takes = Takes(asyncio.Event()), Takes()
    carrying = Delivery({"a": hangs, "b": takes}, effect_seconds=0.05)
    assert await carrying.carry(request()) == failed("timed_out")
    assert await carrying.carry(request()) == failed("resting")
    assert await carrying.carry(request("b")) == DELIVERED
    assert len(hangs.got) == 1
    now[0] += delivery.REST_SECONDS
    assert await carrying.carry(request()) == failed("timed_out")


async def test_whoever_waited_for_a_place_at_a_receiver_that_hangs_does_not_try_it_too() -> None:
    hangs = Takes(asyncio.Event())
    carrying = Delivery({"a": hangs}, effect_seconds=0.2)
    results = await asyncio.gather(*(carrying.carry(request(number=number)) for number in range(AT_ONCE + 5)))
    assert results == [failed("timed_out")] * AT_ONCE + [failed("resting")] * 5


async def test_no_more_than_so_many_are_under_way_to_one_receiver_and_what_finds_no_place_is_busy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(delivery, "PLACE_SECONDS", 0.05)
    opens, takes = asyncio.Event(), Takes()
    full = Takes(opens)
    carrying = Delivery({"a": full, "b": takes})
    tasks = [asyncio.create_task(carrying.carry(request(number=number))) for number in range(AT_ONCE + 3)]
    late = await asyncio.gather(*tasks[AT_ONCE:])
    assert late == [failed("busy")] * 3
    assert await carrying.carry(request("b")) == DELIVERED
    opens.set()
    assert await asyncio.gather(*tasks[:AT_ONCE]) == [DELIVERED] * AT_ONCE
    assert full.most_at_once == AT_ONCE


@pytest.mark.parametrize("error", [ValueError("a name in it"), RuntimeError(), KeyError("x")])
async def test_a_defect_in_an_adapter_is_a_failed_attempt_and_its_words_are_not_logged(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    carrying = Delivery({"a": Takes(raises=error), "b": Takes()})
    assert await carrying.carry(request()) == failed("courier_error")
    assert await carrying.carry(request("b")) == DELIVERED
    assert _emitted(caplog.records) == [f"an adapter raised {type(error).__name__}; subscription a"]


def _emitted(records: Sequence[Any]) -> list[str]:
    return [record.getMessage() for record in records]
