"""A publication as anybody on the bus would read it: envelope, model, and the instants it speaks of."""

from datetime import datetime
from typing import Any, NamedTuple, cast

from schemas.envelope import HEADERS, Envelope, Report, read, validate
from schemas.topics import report_topic
from story import Publication


class Heard(NamedTuple):
    """A published report: `report` is the validated model, `data` its JSON."""

    publication: Publication
    envelope: Envelope
    report: Report
    data: dict[str, Any]

    @property
    def kind(self) -> str:
        return type(self.report).__name__

    @property
    def instants(self) -> list[datetime]:
        """Every instant the report names."""
        return [given for _, given in self.report if isinstance(given, datetime)]


def hear(publication: Publication) -> Heard:
    """Raises what reading raises, and AssertionError for data that do not validate."""
    envelope = read(publication.value, HEADERS)
    model = next(m for m in report_topic(envelope.type).messages if m.type_name() == envelope.type)
    report = validate(cast(type[Report], model), envelope.data)
    assert isinstance(report, Report), report
    return Heard(publication, envelope, report, envelope.data)
