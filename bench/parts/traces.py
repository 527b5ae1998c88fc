"""What traces cost: a judgement without them, with those of one case in a hundred, and with those of all cases.

The three take turns every few hundred records. Spans are made, handed to the SDK and encoded as the collector gets
them; they are not sent. Processor time, not the clock's. No server is needed.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans

from bench.frame import Bench, median
from bench.one_rule import SERVICE
from bench.parts.pieces import AT_ONCE, MOST_RECORDS, Way, in_turn, judge, some_records
from chassis.consume.reader import Record
from chassis.process.metrics import Metrics
from chassis.process.span_export import as_read, resource_of
from chassis.publish.traces import Span, Tracing

TITLE = "Traces"
SHARES = (0.01, 0.1, 1.0)
"""Of the cases whose traces are taken."""


def judging_with_traces(ratio: float) -> Way:
    """Judges, and makes of the spans the bytes that are sent."""
    sent: list[Span] = []
    tracing, metrics, resource = Tracing(SERVICE, ratio, sent.append), Metrics(SERVICE), resource_of(SERVICE)

    def judge_and_encode(records: Sequence[Record]) -> object:
        trail = tracing.trail(metrics, 0)
        emitted = judge(records, trail)
        trail.watch.over("commit")
        trail.committed(len(records), 0, 0)
        encoded = encode_spans([as_read(span, resource) for span in sent]).SerializeToString()
        sent.clear()
        return emitted, encoded

    return judge_and_encode


async def run(bench: Bench) -> Mapping[str, Any]:
    """The section `traces`: microseconds of processor time a record, medians."""
    records = some_records(min(bench.options.records, MOST_RECORDS))
    ways = {"off": judge, **{f"{share:.0%} of the cases": judging_with_traces(share) for share in SHARES}}
    took = dict(zip(ways, in_turn(list(ways.values()), records), strict=True))
    off = took["off"]
    given = {}
    for name, seconds in took.items():
        more = median(one - plain for one, plain in zip(seconds, off, strict=True))
        given[name] = {"us": round(median(seconds) * 1e6 / AT_ONCE, 1), "more_us": round(more * 1e6 / AT_ONCE, 2)}
    rows = [(name, one["us"], one["more_us"]) for name, one in given.items()]
    bench.show("Microseconds a record, medians", ("traces", "a judgement", "more than off"), rows)
    return {"traces": given}
