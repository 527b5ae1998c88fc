"""Spans on their way to a collector by OTLP over HTTP: from a thread of its own, as OpenTelemetry's SDK does it.

The only module that imports the SDK, and nobody imports it where `AFTERWARD_OTLP_ENDPOINT` is not set (decision 0073).
A collector that is away is told of once, and once when it is back. Until then spans are given up, and counted: nobody
waits for it.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from threading import Thread
from typing import Final

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, SpanKind, TraceFlags

from chassis.process.metrics import Metrics
from chassis.process.outages import Outage
from chassis.publish.traces import Span

PATH: Final = "/v1/traces"
MOST_WAITING: Final = 4_096
"""Spans that wait to be sent; those beyond are given up."""
PAUSE_MS: Final = 1_000
SEND_SECONDS: Final = 5.0
"""So long the collector may take to answer, all tries together."""
END_SECONDS: Final = 2.0
"""So long the last spans may take when the process ends."""
_LIBRARIES: Final = ("opentelemetry", "urllib3", "requests")
_SCOPE: Final = InstrumentationScope("afterward")
_SAMPLED: Final = TraceFlags(TraceFlags.SAMPLED)


class Collector:
    """Takes the spans of one process."""

    def __init__(self, endpoint: str, service: str, metrics: Metrics) -> None:
        self._lost = metrics.spans_lost
        self._exporter = _Counting(f"{endpoint.rstrip('/')}{PATH}", metrics)
        self._resource = resource_of(service)
        self._processor: BatchSpanProcessor | None = None
        self._taken = 0

    def start(self) -> None:
        """From now on spans are sent. What its libraries say of each attempt is left to `Outage`."""
        for name in _LIBRARIES:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self._processor = BatchSpanProcessor(self._exporter, MOST_WAITING, schedule_delay_millis=PAUSE_MS)

    def take(self, span: Span) -> None:
        """Puts a span in line; where too many wait, it is given up."""
        if self._processor is None or self._taken - self._exporter.handled >= MOST_WAITING:
            self._lost.inc()
            return
        self._taken += 1
        self._processor.on_end(as_read(span, self._resource))

    async def close(self) -> None:
        """Sends what waits, for a moment; the process does not stay for a collector that does not answer."""
        processor, self._processor = self._processor, None
        if processor is None:
            return
        ended, loop = asyncio.Event(), asyncio.get_running_loop()

        def end() -> None:
            processor.shutdown()  # type: ignore[no-untyped-call]
            with suppress(RuntimeError):  # nobody waits any more
                loop.call_soon_threadsafe(ended.set)

        Thread(target=end, daemon=True).start()
        with suppress(TimeoutError):
            async with asyncio.timeout(END_SECONDS):
                await ended.wait()


def resource_of(service: str) -> Resource:
    """Whose spans they are."""
    return Resource.create({"service.name": service, "service.namespace": "afterward"})


def as_read(span: Span, resource: Resource) -> ReadableSpan:
    """A span as the SDK has those that are over."""
    trace, parent = int(span.place.trace, 16), span.place.parent
    return ReadableSpan(
        span.name,
        _context(trace, span.place.id),
        None if parent is None else _context(trace, parent),
        resource,
        span.about,
        [Event(name, timestamp=at) for name, at in span.marks],
        [Link(_context(int(link.trace, 16), link.id), link.about) for link in span.links],
        SpanKind.CONSUMER if span.reads else SpanKind.INTERNAL,
        start_time=span.begun,
        end_time=span.ended,
        instrumentation_scope=_SCOPE,
    )


def _context(trace: int, span: str) -> SpanContext:
    return SpanContext(trace, int(span, 16), is_remote=False, trace_flags=_SAMPLED)


class _Counting(SpanExporter):
    """The exporter of OTLP over HTTP; what it could not send is counted, and told of once. It runs in the thread."""

    def __init__(self, url: str, metrics: Metrics) -> None:
        self._exporter = OTLPSpanExporter(url, timeout=SEND_SECONDS)
        self._lost = metrics.spans_lost
        self._collector = Outage("the collector of traces")
        self.handled = 0
        """Spans that were sent, or given up."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Sends them, with as many tries as the time allows."""
        try:
            result = self._exporter.export(spans)
        finally:
            self.handled += len(spans)
        if result is SpanExportResult.SUCCESS:
            self._collector.back("traces")
        else:
            self._lost.inc(len(spans))
            self._collector.gone("traces", "no good answer")
        return result

    def shutdown(self) -> None:
        """Gives up what is being tried."""
        self._exporter.shutdown()  # type: ignore[no-untyped-call]
