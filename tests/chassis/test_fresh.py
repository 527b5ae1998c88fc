"""What was just committed waits in memory in whatever order it order_given; what is missing there is in the store."""

import random

from hypothesis import given
from hypothesis import strategies as st

from chassis.publish.fresh import Fresh, Unsent


def event(number: int, shard: int = 0, size: int = 10) -> Unsent:
    return Unsent(shard, number, "t", "c-1", b"x" * size)


def numbers(events: list[Unsent]) -> list[int]:
    return [one.id for one in events]


@given(st.sets(st.integers(1, 30)), st.integers(0, 30), st.integers(1, 10), st.randoms())
def test_taken_is_what_follows_on_without_a_gap(kept: set[int], after: int, at_most: int, order: random.Random) -> None:
    fresh = Fresh()
    fresh.keep({0})
    given_in = sorted(kept)
    order.shuffle(given_in)
    for number in given_in:
        fresh.put([event(number)])
    expected: list[int] = []
    while len(expected) < at_most and after + 1 + len(expected) in kept:
        expected.append(after + 1 + len(expected))
    assert numbers(fresh.take(0, after, at_most)) == expected
    if not expected:
        assert fresh.lacks(0) == any(number > after for number in kept)
        assert bool(fresh) == fresh.lacks(0), "what lies before is forgotten"


def test_events_of_shards_that_are_not_owned_are_not_kept() -> None:
    fresh = Fresh()
    fresh.put([event(1)])
    fresh.keep({0, 1})
    fresh.put([event(1, shard=1), event(1, shard=2)])
    assert (fresh.take(0, 0, 9), fresh.lacks(0)) == ([], False)
    fresh.keep({0})
    assert not fresh
    fresh.keep({0, 1})
    assert fresh.take(1, 0, 9) == []


def test_more_than_fits_is_left_out_and_said_to_be_missing() -> None:
    """Whether anything comes after it or not."""
    fresh = Fresh(most_bytes=1_000)
    fresh.keep({0, 1})
    fresh.put([event(1, size=400), event(2, size=400), event(1, shard=1, size=1_000)])
    assert fresh.lacks(1)
    assert numbers(fresh.take(0, 0, 9)) == [1]
    assert (fresh.take(0, 1, 9), fresh.lacks(0)) == ([], True)
    fresh.read_from_store(0)
    assert not fresh.lacks(0)
    fresh.put([event(3, size=400)])
    assert numbers(fresh.take(0, 2, 9)) == [3], "there is room again"


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(1, 20), st.integers(0, 900)), max_size=40))
def test_no_more_is_kept_than_fits_and_all_room_is_given_back(given_: list[tuple[int, int, int]]) -> None:
    fresh = Fresh(most_bytes=3_000)
    fresh.keep({0, 1})
    for shard, number, size in given_:
        fresh.put([event(number, shard, size)])
    held = [one for shard in (0, 1) for number in range(20) for one in fresh.take(shard, number, 1)]
    assert sum(one.weight for one in held) <= 3_000
    assert fresh._bytes == 0
