"""A collector of traces, as OTLP over HTTP has it: takes what is posted, decodes the protobuf, and shows the spans."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from afterward.stack.ports import LOOPBACK


@dataclass(frozen=True)
class Received:
    """A span as it came. Ids in hexadecimal digits; `links`: trace, span and attributes of each."""

    service: str
    name: str
    trace: str
    id: str
    parent: str
    kind: int
    begun: int
    ended: int
    about: Mapping[str, Any]
    links: Sequence[tuple[str, str, Mapping[str, Any]]]
    marks: Sequence[tuple[str, int]]


@dataclass
class Collector:
    """`url`: where it listens. `status`: what it answers; `hangs`: it takes the request and never answers."""

    url: str
    status: int = 200
    hangs: bool = False
    paths: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    ended: Event = field(default_factory=Event)

    @property
    def spans(self) -> list[Received]:
        """All that came, in the order in which it came."""
        return [span for body in self.bodies for span in _decoded(body)]


def _decoded(body: bytes) -> Iterator[Received]:
    request = ExportTraceServiceRequest.FromString(body)
    for resource in request.resource_spans:
        service = _values(resource.resource.attributes)["service.name"]
        for scope in resource.scope_spans:
            yield from (_received(service, span) for span in scope.spans)


def _received(service: str, span: Any) -> Received:
    return Received(
        service,
        span.name,
        span.trace_id.hex(),
        span.span_id.hex(),
        span.parent_span_id.hex(),
        span.kind,
        span.start_time_unix_nano,
        span.end_time_unix_nano,
        _values(span.attributes),
        [(link.trace_id.hex(), link.span_id.hex(), _values(link.attributes)) for link in span.links],
        [(event.name, event.time_unix_nano) for event in span.events],
    )


def _values(attributes: Any) -> Mapping[str, Any]:
    return {one.key: _value(one.value) for one in attributes}


def _value(value: Any) -> Any:
    which = value.WhichOneof("value")
    return [_value(one) for one in value.array_value.values] if which == "array_value" else getattr(value, which)


@contextmanager
def collecting(port: int = 0) -> Iterator[Collector]:
    """A collector that runs, on a free port unless one is named."""
    collector = Collector("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if collector.hangs:
                collector.ended.wait(60)
            elif collector.status == 200:
                collector.paths.append(self.path)
                collector.bodies.append(body)
            self.send_response(collector.status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing is said of each request."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            """Whoever goes while it hangs is no error."""

    with Server((LOOPBACK, port), Handler) as server:
        server.daemon_threads = True
        collector.url = f"http://{LOOPBACK}:{server.server_port}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield collector
        finally:
            collector.ended.set()
            server.shutdown()
            thread.join()
