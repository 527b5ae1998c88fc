"""The judge of the throughput benchmark: a peer that loses, repeats or miscounts gets no figure."""

import json
from collections import Counter
from collections.abc import Callable

import pytest
from aiokafka import ConsumerRecord

from bench.job import Load, WrongResults, check, check_copies, make_load
from bench.peers.counting import Known, judge
from schemas.envelope import read, validate
from schemas.reports.treatment import TestResultReported

LOAD = make_load(2_000)
Results = list[bytes]


def counted(load: Load) -> Results:
    """What a faultless peer says."""
    known: dict[str, Known] = {}
    emitted: Results = []
    for case, value in load.records:
        judged = judge(known.get(case), json.loads(value))
        if judged is not None:
            known[case] = judged[0]
            emitted.append(json.dumps(judged[1]).encode())
    return emitted


def on_topic(results: Results) -> list[ConsumerRecord[bytes, bytes]]:
    """These values as records, in turn on two partitions."""
    return [
        ConsumerRecord("results", number % 2, number // 2, 0, 0, None, value, None, 0, len(value), ())
        for number, value in enumerate(results)
    ]


def miscounted(results: Results) -> Results:
    event = json.loads(results[-1])
    event["data"]["criteria"] = ["negatives:99"]
    return [*results[:-1], json.dumps(event).encode()]


def test_a_load_is_what_was_asked_for_and_valid_and_the_same_each_time() -> None:
    assert make_load(2_000) == LOAD
    times = Counter(value for _, value in LOAD.records)
    assert len(LOAD.records) == 2_000
    assert len(times) == len(LOAD.expected)
    assert 20 < sum(times.values()) - len(times) < 60
    report = validate(TestResultReported, read(LOAD.records[0][1]).data)
    assert isinstance(report, TestResultReported)


def test_right_results_are_taken_and_the_last_of_each_partition_is_named() -> None:
    results = counted(LOAD)
    assert check(LOAD, on_topic(results)) == {0: (len(results) - 1) // 2, 1: len(results) // 2 - 1}


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda results: results[1:], "1 lost, 0 twice, 0 wrong"),
        (lambda results: [*results, results[0]], "0 lost, 1 twice, 0 wrong"),
        (miscounted, "0 lost, 0 twice, 1 wrong"),
    ],
)
def test_a_lost_a_repeated_and_a_wrong_result_are_found(spoil: Callable[[Results], Results], says: str) -> None:
    with pytest.raises(WrongResults, match=says):
        check(LOAD, on_topic(spoil(counted(LOAD))))


def test_who_only_copies_must_copy_everything_once() -> None:
    values = [value for _, value in LOAD.records]
    assert check_copies(LOAD, on_topic(values)).keys() == {0, 1}
    for spoilt in (values[1:], [*values, values[0]], [b"{}", *values[1:]]):
        with pytest.raises(WrongResults):
            check_copies(LOAD, on_topic(spoilt))
