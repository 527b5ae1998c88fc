"""A read offset never stands after anything that has not been judged, in whatever order and parts that happens."""

from random import Random

from chassis.consume.read_offsets import ReadOffsets
from chassis.consume.reader import Record
from tests.chassis.toy import hour

PLACE = ("treatment.reports.v1", 3)


def one(offset: int, *, parked_id: int | None = None) -> Record:
    return Record(*PLACE, offset, b"k", b"v", (), hour(0), parked_id, stamp=1_000 + offset)


def judged(read_offsets: ReadOffsets, *offsets: int) -> list[tuple[int, int, int]]:
    """(known, next offset, stamp) of each read offset that moves."""
    records = [one(offset) for offset in offsets]
    marks = read_offsets.after(records)
    read_offsets.keep(records, marks)
    return [mark[2:] for mark in marks]


def begun(known: int, *offsets: int) -> ReadOffsets:
    read_offsets = ReadOffsets()
    read_offsets.begin({PLACE: known})
    read_offsets.take(map(one, offsets))
    return read_offsets


def test_what_is_judged_out_of_turn_waits_for_what_lies_before_it() -> None:
    read_offsets = begun(0, 5, 6, 7, 8)
    assert judged(read_offsets, 7) == []
    assert judged(read_offsets, 5) == [(0, 6, 1_005)]
    assert judged(read_offsets, 6) == [(6, 8, 1_007)]
    assert judged(read_offsets, 8) == [(8, 9, 1_008)]


def test_offsets_without_a_record_are_passed_with_the_record_after_them() -> None:
    read_offsets = begun(3, 5, 9)
    assert judged(read_offsets, 5) == [(3, 6, 1_005)]
    assert judged(read_offsets, 9) == [(6, 10, 1_009)]


def test_a_transaction_that_failed_has_moved_nothing() -> None:
    read_offsets = begun(5, 5, 6)
    assert read_offsets.after([one(5)]) == read_offsets.after([one(5)])
    assert judged(read_offsets, 5, 6) == [(5, 7, 1_006)]


def test_what_was_parked_before_and_what_belongs_to_others_moves_nothing() -> None:
    read_offsets = begun(5, 5)
    assert read_offsets.after([one(5, parked_id=7)]) == []
    elsewhere = Record("another.topic.v1", 3, 5, b"k", b"v", (), hour(0))
    read_offsets.take([elsewhere])
    assert read_offsets.after([elsewhere]) == []


def test_a_partition_given_anew_is_known_as_far_as_the_store_says_then() -> None:
    read_offsets = begun(5, 5, 6)
    marks = read_offsets.after([one(5)])
    read_offsets.begin({PLACE: 0})
    read_offsets.take([one(0)])
    read_offsets.keep([one(5)], marks)
    assert judged(read_offsets, 0) == [(0, 1, 1_000)], "what was under way before says nothing of the store now"


def test_in_any_order_and_in_any_parts_a_read_offset_never_stands_after_what_waits() -> None:
    for seed in range(200):
        dice = Random(seed)
        offsets = sorted(dice.sample(range(100), dice.randint(1, 30)))
        waiting, dispatched = list(offsets), dice.randint(0, len(offsets))
        read_offsets, end = begun(0, *offsets[:dispatched]), 0
        while waiting:
            if not (here := [offset for offset in waiting if offset in offsets[:dispatched]]) or dice.random() < 0.3:
                more = min(len(offsets), dispatched + dice.randint(1, 5))
                read_offsets.take(map(one, offsets[dispatched:more]))
                dispatched = more
                continue
            done = dice.sample(here, dice.randint(1, len(here)))
            waiting = [offset for offset in waiting if offset not in done]
            for known, next_offset, stamp in judged(read_offsets, *done):
                assert known == end < next_offset
                assert stamp == 1_000 + next_offset - 1
                end = next_offset
            assert all(end <= offset for offset in waiting)
        assert end == offsets[-1] + 1
