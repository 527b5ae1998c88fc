"""A channel closes around the end of a consultation, on a real PostgreSQL: who ended in it is looked at once more."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from schemas.reports.consultation import (
    ChannelClosed,
    ChannelOpened,
    ConsultationCompleted,
    ConsultationRequested,
)
from tests.services.alone import Alone
from tests.services.test_institutions import listed

online_care = pytest.mark.parametrize("alone", ["consultation"], indirect=True)
MINUTE = timedelta(minutes=1)


async def begun(alone: Alone) -> None:
    """Two channels of one house, and a request in the first."""
    now = alone.clock.instant
    await alone.tell(listed("h-1"))
    fields = {"institution_id": "h-1", "departments": ["infection"], "open_24h": False}
    opened: list[Any] = [
        ChannelOpened.model_validate(fields | {"channel_id": name, "name": name, "opened_at": now - days})
        for name, days in (("z-1", timedelta(days=9)), ("z-2", timedelta(days=8)))
    ]
    await alone.tell(*opened, first_sequence=10)
    request = {"consultation_id": "q-1", "person_ref": "p-1", "jurisdiction": "CN-SH", "mode": "text"}
    await alone.tell(ConsultationRequested.model_validate(request | {"requested_at": now}), first_sequence=20)
    assert await where(alone) == "z-1"


async def held(alone: Alone) -> None:
    """The expert reports now that it is over."""
    fields = {"consultation_id": "q-1", "expert_ref": "e-1", "advice": "rest", "refer_offline": False}
    await alone.tell(
        ConsultationCompleted.model_validate(fields | {"completed_at": alone.clock.instant}), first_sequence=30
    )


async def closed(alone: Alone, *, received_before: timedelta) -> None:
    """The first channel closed two minutes ago, as is read now; the report came some time ago."""
    report = ChannelClosed(channel_id="z-1", closed_at=alone.clock.instant - 2 * MINUTE)
    record = alone.record(report, 40)
    await alone.take([replace(record, received_at=alone.clock.instant - received_before)])
    await alone.settle()


async def where(alone: Alone) -> str:
    """The channel of the newest word on the consultation."""
    return str((await alone.archive("q-1"))[-1]["data"]["channel_id"])


@online_care
async def test_what_was_held_after_a_closing_that_is_read_late_was_held_in_the_next_channel(alone: Alone) -> None:
    await begun(alone)
    alone.clock.instant += 9 * MINUTE
    await held(alone)
    assert await where(alone) == "z-1"

    await closed(alone, received_before=MINUTE)
    assert await where(alone) == "z-2"


@online_care
async def test_what_was_known_to_be_over_when_the_closing_came_stays_in_its_channel(alone: Alone) -> None:
    await begun(alone)
    alone.clock.instant += 9 * MINUTE
    await held(alone)

    await closed(alone, received_before=timedelta())
    assert await where(alone) == "z-1"
