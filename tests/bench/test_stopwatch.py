"""The stopwatch names callables of the engine by their place: one that nobody calls there would count nothing."""

from bench.job import make_load
from bench.parts.pieces import judge
from bench.stopwatch import ENGINE_PARTS, Stopwatch, watched
from chassis.clock import real_now
from chassis.consume.reader import Record


def test_each_part_of_the_engine_is_timed_where_it_is_called() -> None:
    watch, now = Stopwatch(), real_now()
    records = [
        Record("treatment.reports.v1", 0, offset, key.encode(), value, (), now)
        for offset, (key, value) in enumerate(make_load(1_000).records)
    ]
    with watched(watch):
        assert judge(records)
    assert {part for part in ENGINE_PARTS if watch.seconds[part] > 0} == ENGINE_PARTS.keys()
