"""Under which numbers events are stated: rising without end, whatever one step has to say."""

from collections.abc import Iterator
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from chassis.decide.judge import AnyState, Emitted
from chassis.publish.archive import numbered
from chassis.publish.sequence import EVENTS_PER_STEP
from tests.chassis.conftest import MakeEngine
from tests.chassis.engine_fixture import record
from tests.chassis.toy import PATIENT, hour, reading, recorded

MANY = 2 * EVENTS_PER_STEP + 500


def announce_all(before: AnyState, after: AnyState) -> Iterator[Emitted]:
    """Thousands of things at once, where a reading is new."""
    for number in range(MANY if len(after.facts.readings) == 1 else 1):
        yield Emitted(recorded(after.facts.case_id, hour(number), 36.6), hour(number))


async def test_a_step_of_more_events_than_a_version_has_numbers_takes_the_next_versions(
    make_engine: MakeEngine,
) -> None:
    fixture = await make_engine(replace(PATIENT, announce=announce_all))
    await fixture.take(record(reading("c-1", 0)), record(reading("c-1", 1)))
    assert await fixture.parked() == []
    emitted = await fixture.emitted()
    sequences = [envelope.sequence or 0 for envelope in emitted]
    assert len(emitted) == MANY + 1
    assert sequences == sorted(set(sequences))
    assert len({envelope.id for envelope in emitted}) == MANY + 1
    assert (await fixture.state("c-1"))["version"] == 4, "three for the first step, one for the second"


async def test_what_a_great_step_says_it_says_under_the_same_ids_when_it_is_judged_again(
    make_engine: MakeEngine,
) -> None:
    report = record(reading("c-1", 0))
    emitted = []
    for _ in range(2):
        fixture = await make_engine(replace(PATIENT, announce=announce_all))
        await fixture.connection.execute("TRUNCATE state, archive")
        await fixture.take(report)
        emitted.append([(envelope.id, envelope.sequence) for envelope in await fixture.emitted()])
    assert emitted[0] == emitted[1]


@given(st.integers(1, 10**9), st.lists(st.integers(1, 5_000), min_size=1, max_size=6))
def test_numbers_rise_from_event_to_event_and_from_step_to_step(version: int, steps: list[int]) -> None:
    last = 0
    for events in steps:
        version += 1
        for index in sorted({0, events // 2, events - 1}):
            now, sequence = numbered(version, index)
            assert sequence > last
            last = sequence
        version = now


def test_the_numbers_of_an_ordinary_step_are_what_they_were() -> None:
    assert numbered(7, 0) == (7, 7_000)
    assert numbered(7, 999) == (7, 7_999)
    assert numbered(7, 1_000) == (8, 8_000)
