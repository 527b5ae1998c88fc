"""The judge of a night is seen to find fault: with a day missed early, twice, or not at all, and with a log."""

from datetime import timedelta
from typing import Any

import pytest

from schemas.envelope import Envelope
from schemas.events.followup import QuarantineDayLogged, QuarantineDayMissed
from tests.faults.judging.nights import AT_MIDNIGHT, HABITS, LATE, NIGHTS, SILENT, TIMELY, Guest, comings, guests
from tests.faults.scenarios.midnight import is_right

NIGHT = NIGHTS[0]
APIA, SHANGHAI = "Pacific/Apia", "Asia/Shanghai"


def emitted(guest: Guest, kind: type[Any], minutes: int = 0, **data: Any) -> Envelope:
    """An event about the day that ends, as followup would say it, so many minutes after its end."""
    time = guest.end + timedelta(minutes=minutes)
    return Envelope("id", "/services/followup", kind.type_name(), guest.case_id, time, time, data)


def missed(guest: Guest, minutes: int = 0, days: int = 0) -> Envelope:
    on = guest.night.closes(guest.zone) + timedelta(days=days)
    return emitted(guest, QuarantineDayMissed, minutes, local_date=on.isoformat())


def logged(guest: Guest, *, late: bool) -> Envelope:
    return emitted(guest, QuarantineDayLogged, late=late)


@pytest.mark.parametrize("zone", [APIA, SHANGHAI])
def test_what_was_lived_is_right(zone: str) -> None:
    timely, silent, late = (Guest("case", NIGHT, zone, habit) for habit in (TIMELY, SILENT, LATE))
    assert is_right(timely, [logged(timely, late=False)])
    assert is_right(silent, [missed(silent)])
    assert is_right(late, [missed(late), logged(late, late=True)])


def test_a_day_missed_early_twice_wrongly_or_not_at_all_is_seen() -> None:
    guest = Guest("case", NIGHT, SHANGHAI, SILENT)
    assert not is_right(guest, [])
    assert not is_right(guest, [missed(guest), missed(guest)])
    assert not is_right(guest, [missed(guest, minutes=-1)])
    assert not is_right(guest, [missed(guest, days=-1)])


def test_a_log_that_is_lost_or_misjudged_is_seen() -> None:
    timely, late = (Guest("case", NIGHT, SHANGHAI, habit) for habit in (TIMELY, AT_MIDNIGHT))
    assert not is_right(timely, [])
    assert not is_right(timely, [missed(timely), logged(timely, late=False)])
    assert not is_right(late, [missed(late), logged(late, late=False)])


def test_the_date_that_apia_never_had_does_not_end() -> None:
    guest = Guest("case", NIGHT, APIA, SILENT)
    assert not is_right(guest, [missed(guest, days=-1)])


@pytest.mark.parametrize("night", NIGHTS, ids=lambda night: night.on.isoformat())
def test_every_habit_comes_in_every_zone(night: Any) -> None:
    those = guests(night, len(night.ends) * len(HABITS))
    assert len({(guest.zone, guest.habit) for guest in those}) == len(night.ends) * len(HABITS)
    coming = [at for at, _ in comings(those)]
    assert coming == sorted(coming)
