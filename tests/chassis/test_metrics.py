"""What a process counts: every metric is on the list, and nobody can make more series than the list has."""

import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from random import Random

import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from chassis.consume.lag import Lag
from chassis.process.metric_list import LABELS, METRICS, OTHER, STAGES, exposed, jurisdictions, values_of
from chassis.process.metrics import Metrics
from schemas.topic import PARTITIONS
from schemas.topics import TOPICS
from tests.chassis.engine_fixture import EngineFixture, raw, record
from tests.chassis.toy import hour, reading

SUFFIX = {"counter": ("_total",), "histogram": ("_seconds", "_records"), "gauge": ("_seconds", "_rows", "_cases")}
COUNTS = re.compile(
    r"^(records|cases|patients|alerts|linkages|consultations|transfers|followups|partitions|events|store)_"
)


def series(metrics: Metrics) -> Iterator[tuple[str, dict[str, str], float]]:
    """Everything that Prometheus would read."""
    for family in text_string_to_metric_families(generate_latest(metrics.registry).decode()):
        for sample in family.samples:
            yield sample.name, sample.labels, sample.value


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    """Of one series; None where it is not there."""
    return metrics.registry.get_sample_value(f"afterward_{name}", {"service": "treatment", **labels})


def test_every_metric_has_a_sentence_a_unit_and_says_whose_it_is() -> None:
    assert len(METRICS) >= 35
    assert len({metric.name for metric in METRICS}) == len(METRICS)
    for metric in METRICS:
        assert metric.sentence.endswith("."), metric.name
        assert metric.of in {"process", "database"}
        assert set(metric.labels) <= set(LABELS)
        assert bool(metric.buckets) == (metric.kind == "histogram")
        named = metric.name.endswith(SUFFIX[metric.kind]) or (metric.kind == "gauge" and COUNTS.match(metric.name))
        assert named or metric.name == "database_answers", metric.name


def test_what_is_exposed_is_what_is_listed_and_nothing_tells_when_it_was_made() -> None:
    metrics = Metrics("treatment")
    for metric in METRICS:
        child = metrics._of(metric.name, *(LABELS[label]()[0] for label in metric.labels))
        child.observe(1) if metric.kind == "histogram" else child.inc()
    assert {name for name, _, _ in series(metrics)} == set(exposed())


def most_series() -> int:
    """So many series one service could have with every value of every label."""
    return sum(
        len(list(product(*(values_of(label) for label in metric.labels)))) * (len(metric.buckets) + 3)
        for metric in METRICS
    )


def test_whatever_is_counted_no_label_says_anything_that_is_not_on_its_list() -> None:
    """A storm of made-up values: names, partitions of elsewhere, other countries."""
    metrics, dice = Metrics("treatment"), Random(17)
    for number in range(20_000):
        metric = dice.choice(METRICS)
        made_up = [f"{dice.choice(['zhang-san', 'XX-99', '-1', 'rule_raised'])}{number}" for _ in metric.labels]
        if metric.kind == "gauge":
            metrics._of(metric.name, *made_up).inc()
        elif metric.kind == "counter":
            metrics.count(metric.name, *made_up)
        else:
            metrics._of(metric.name, *made_up).observe(1)
    found = list(series(metrics))
    assert {
        value_of for _, labels, _ in found for name, value_of in labels.items() if name not in {"le", "service"}
    } == {OTHER, *STAGES}
    assert len(found) < 300
    assert most_series() < 6_000


def test_topics_partitions_and_jurisdictions_are_as_many_as_there_are() -> None:
    assert len(values_of("topic")) == len(TOPICS) + 1
    assert len(values_of("partition")) == PARTITIONS + 1
    assert len(jurisdictions()) == 34
    assert "CN-SH" in jurisdictions()


async def test_refused_and_parked_are_counted_by_code(fixture: EngineFixture) -> None:
    await fixture.take(
        record(reading("c-1", 0), id="00000000-0000-4000-8000-000000000001"),
        record(reading("c-1", 5), id="00000000-0000-4000-8000-000000000001"),
        raw(b"not JSON"),
    )
    metrics = fixture.engine.metrics
    assert value(metrics, "rejected_reports_total", code="id_reused") == 1
    assert value(metrics, "parked_records_total", code="not_json") == 1
    assert value(metrics, "parked_records_total", code="wrong_source") is None


async def test_each_stage_of_a_batch_is_timed_and_its_size_is_counted(fixture: EngineFixture) -> None:
    await fixture.take(record(reading("c-1", 0)), record(reading("c-2", 0)))
    metrics = fixture.engine.metrics
    for stage in ("read", "load", "judge", "save", "commit"):
        assert value(metrics, "stage_seconds_count", stage=stage) == 1, stage
        took = value(metrics, "stage_seconds_sum", stage=stage)
        assert took is not None
        assert 0 < took < 30
    assert value(metrics, "batch_records_sum") == 2


def test_what_the_database_says_is_shown_and_forgotten_when_it_says_nothing() -> None:
    metrics = Metrics("treatment")
    known = {"outbox": 2, "overdue": 3, "parked": 4, "blocked": 5, "epoch": 1, "partitions": [0, 1]}
    metrics.show({**known, "oldest_unsent": hour(1), "next_due": hour(2)}, hour(2) + timedelta(seconds=30))
    assert [value(metrics, f"{name}_rows") for name in ("outbox", "overdue", "parked")] == [2, 3, 4]
    assert (value(metrics, "blocked_cases"), value(metrics, "store_epoch")) == (5, 1)
    assert value(metrics, "oldest_unacknowledged_event_seconds") == 3630
    assert value(metrics, "oldest_overdue_seconds") == 30
    assert (value(metrics, "partitions_held"), value(metrics, "database_answers")) == (2, 1)
    assert value(metrics, "cases_at_unknown_places") is None, "only intake counts them"
    metrics.show({**known, "oldest_unsent": None, "next_due": hour(9)}, hour(2))
    assert value(metrics, "oldest_unacknowledged_event_seconds") == value(metrics, "oldest_overdue_seconds") == 0
    metrics.show({"database": "ConnectionRefusedError", "partitions": []}, hour(2))
    assert value(metrics, "outbox_rows") is value(metrics, "blocked_cases") is None
    assert (value(metrics, "partitions_held"), value(metrics, "database_answers")) == (0, 0)


def test_a_partition_that_is_given_away_leaves_no_series_behind() -> None:
    metrics, topic = Metrics("treatment"), "treatment.reports.v1"
    metrics.show_lag(Lag({(topic, 0): 7, (topic, 1): 0}, {(topic, 0): 2.5, (topic, 1): 0.0}, 2.5, 0.0))
    assert value(metrics, "records_behind", topic=topic, partition="0") == 7
    assert value(metrics, "lag_seconds", topic=topic, partition="0") == 2.5
    metrics.show_lag(Lag({(topic, 1): 1}, {(topic, 1): 0.5}, 4.0, 11.0))
    assert value(metrics, "records_behind", topic=topic, partition="0") is None
    assert value(metrics, "records_behind", topic=topic, partition="1") == 1
    assert value(metrics, "oldest_unjudged_seconds") == 4
    assert value(metrics, "bus_unanswered_seconds") == 11


def test_what_a_failed_attempt_took_is_counted_too() -> None:
    metrics = Metrics("treatment")
    with pytest.raises(OSError, match="gone"), metrics.timed("publish"):
        raise OSError("gone")
    assert value(metrics, "stage_seconds_count", stage="publish") == 1
