"""The spans of one trace as a tree in text: who made what of which message, and what it stated."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from tests.monitoring.collector import Received


def tree(spans: Sequence[Received]) -> Iterator[str]:
    """A line a span, each below what led to it, in the order in which they began."""
    known, below = {span.id for span in spans}, defaultdict[str, list[Received]](list)
    for span in sorted(spans, key=lambda one: (one.begun, one.name)):
        below[span.parent if span.parent in known else ""].append(span)
    yield from _lines(below, "", "")


def _lines(below: dict[str, list[Received]], parent: str, indent: str) -> Iterator[str]:
    for span in below[parent]:
        states = sorted(short(name) for name in span.about.get("afterward.states", ()))
        yield f"{indent}{span.name}{' → ' if states else ''}{', '.join(states)}"
        yield from _lines(below, span.id, f"{indent}  ")


def short(type_name: str) -> str:
    """A type without its prefix and version."""
    return type_name.split(".")[1]
