"""Spans reach a collector as they are; one that is away, refuses or hangs is told of once, and holds nobody up."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from afterward.stack.ports import LOOPBACK, free_port
from chassis.clock import monotonic
from chassis.process import span_export
from chassis.process.metrics import Metrics
from chassis.process.settings import Settings
from chassis.process.span_export import Collector
from chassis.publish.traces import Link, Place, Span, Value
from tests.monitoring.collector import collecting

GENEROUS_SECONDS = 60
PLACE = Place("4b" * 16, "7a" * 8, "09" * 8)


def span(number: int = 1) -> Span:
    """One with everything that a span can have."""
    about: dict[str, Value] = {
        "messaging.kafka.offset": number,
        "afterward.states": ["a", "b"],
        "afterward.waited_seconds": 0.5,
    }
    link = Link("0c" * 16, "0d" * 8, {"messaging.kafka.offset": 7})
    return Span(
        "treatment batch", PLACE, 1_000, 9_000, about, [link], [("read", 2_000), ("commit", 9_000)], reads=False
    )


@asynccontextmanager
async def sending(url: str) -> AsyncIterator[tuple[Collector, Metrics]]:
    """What sends there, and its metrics."""
    metrics = Metrics("treatment")
    collector = Collector(url, "treatment", metrics)
    collector.start()
    yield collector, metrics
    await collector.close()


def lost(metrics: Metrics) -> float:
    return metrics.registry.get_sample_value("afterward_spans_lost_total", {"service": "treatment"}) or 0


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(GENEROUS_SECONDS):
        while not true():
            await asyncio.sleep(0.02)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long for a collector, nor between two looks."""
    monkeypatch.setattr(span_export, "PAUSE_MS", 20)
    monkeypatch.setattr(span_export, "SEND_SECONDS", 0.3)


@pytest.mark.parametrize("slash", ["", "/"])
async def test_a_span_arrives_as_it_is(quick: None, slash: str) -> None:
    with collecting() as collector:
        async with sending(f"{collector.url}{slash}") as (sender, metrics):
            sender.take(span())
            sender.take(span()._replace(reads=True, place=PLACE._replace(parent=None)))
            await until(lambda: len(collector.spans) == 2)
        first, second = collector.spans
        assert collector.paths[0] == "/v1/traces"
    assert (first.service, first.name, first.trace, first.id, first.parent) == ("treatment", "treatment batch", *PLACE)
    assert (first.begun, first.ended, first.about) == (1_000, 9_000, span().about)
    assert first.links == [("0c" * 16, "0d" * 8, {"messaging.kafka.offset": 7})]
    assert first.marks == [("read", 2_000), ("commit", 9_000)]
    assert (first.kind, second.kind, second.parent) == (1, 5, ""), "internal; a consumer, and the root of its trace"
    assert lost(metrics) == 0


async def test_what_waits_when_the_process_ends_is_sent(quick: None) -> None:
    with collecting() as collector:
        async with sending(collector.url) as (sender, _):
            for number in range(1_200):
                sender.take(span(number))
        assert len(collector.spans) == 1_200


async def test_a_collector_that_is_away_is_told_of_once_and_once_when_it_is_back(
    quick: None, caplog: pytest.LogCaptureFixture
) -> None:
    port = free_port()
    caplog.set_level(logging.DEBUG)
    async with sending(f"http://{LOOPBACK}:{port}") as (sender, metrics):
        for number in range(5):
            sender.take(span())
            await until(lambda number=number: lost(metrics) == number + 1)  # type: ignore[misc]
        with collecting(port) as collector:
            sender.take(span())
            await until(lambda: len(collector.spans) == 1)
            await until(lambda: len(lines(caplog)) == 2)
    assert [line.split(" ", 4)[-1].partition(",")[0] for line in lines(caplog)] == [
        "fails (traces: no good answer); it is asked until it answers",
        "answers again",
    ]
    assert lost(metrics) == 5


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    """All that was logged, whoever logged it, but for what asyncio says of itself."""
    return [one.getMessage() for one in caplog.records if one.name != "asyncio"]


@pytest.mark.parametrize("status", [400, 503])
async def test_one_that_refuses_is_as_good_as_away(quick: None, status: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with collecting() as collector:
        collector.status = status
        async with sending(collector.url) as (sender, metrics):
            sender.take(span())
            await until(lambda: lost(metrics) == 1)
    assert len(lines(caplog)) == 1


async def test_one_that_hangs_holds_nobody_up_and_no_more_waits_than_has_a_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It takes the connection and is silent; the process goes on, and ends in time."""
    monkeypatch.setattr(span_export, "PAUSE_MS", 20)
    monkeypatch.setattr(span_export, "MOST_WAITING", 600)
    monkeypatch.setattr(span_export, "END_SECONDS", 0.2)
    with collecting() as collector:
        collector.hangs = True
        begun = monotonic()
        async with sending(collector.url) as (sender, metrics):
            for number in range(2_000):
                sender.take(span(number))
            assert lost(metrics) == 1_400
        assert monotonic() - begun < span_export.SEND_SECONDS - 1


async def test_before_it_is_started_nothing_is_sent() -> None:
    metrics = Metrics("treatment")
    with socket.create_server((LOOPBACK, 0)) as silent:
        Collector(f"http://{LOOPBACK}:{silent.getsockname()[1]}", "treatment", metrics).take(span())
    assert lost(metrics) == 1


@pytest.mark.parametrize("endpoint", ["collector:4318", "grpc://collector:4317", "http://"])
def test_an_endpoint_that_is_no_address_stops_the_process_with_its_name(endpoint: str) -> None:
    with pytest.raises(ValueError, match="otlp_endpoint"):
        Settings.model_validate({"otlp_endpoint": endpoint})


def test_whoever_asks_for_traces_and_lacks_what_sends_them_hears_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def without(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr("chassis.process.settings.find_spec", without)
    Settings.model_validate({})
    with pytest.raises(ValueError, match="AFTERWARD_OTLP_ENDPOINT needs the extra `traces`"):
        Settings.model_validate({"otlp_endpoint": "http://localhost:4318"})
