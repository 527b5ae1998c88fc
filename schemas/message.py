"""What every message has: a name, a major version, and for a report the instant at which it is about something."""

from datetime import date, datetime
from functools import cache
from typing import Any, ClassVar, get_args

from schemas.values import CaseId, District, Flag, Jurisdiction, Omitted, TimeZone, Value


class Message(Value):
    """One message of the published language; its fields are the `data` of the CloudEvent."""

    __test__: ClassVar[bool] = False  # `TestResultReported` is no test: pytest would collect it by its name
    major: ClassVar[int] = 1

    @classmethod
    @cache
    def type_name(cls) -> str:
        """The CloudEvents `type`, e.g. `afterward.TestResultReported.v1`."""
        return f"afterward.{cls.__name__}.v{cls.major}"

    @classmethod
    @cache
    def schema_urn(cls) -> str:
        """The CloudEvents `dataschema`, e.g. `urn:afterward:schema:TestResultReported.v1`."""
        return f"urn:afterward:schema:{cls.__name__}.v{cls.major}"


def _tells_when(annotation: Any) -> bool:
    """Whether a field's type is an instant or a civil date, optional or not."""
    if isinstance(annotation, type):
        return issubclass(annotation, date)
    return any(_tells_when(inner) for inner in get_args(annotation))


class Report(Message):
    """What somebody outside says happened: evidence, which is judged and either becomes events or is rejected."""

    clinical_time: ClassVar[str | None] = None
    """Name of the field that says when it happened to the patient; None where a report is about no instant."""
    key_field: ClassVar[str] = "case_id"
    """Name of the field that must equal the envelope's `subject`."""
    at_any_time: ClassVar[frozenset[str]] = frozenset()
    """Names of the instants and days that may lie ahead, or long ago: they tell of no past event."""
    restated: ClassVar[frozenset[str]] = frozenset()
    """Names of fields that may be written anew when the report is said again under its id."""
    sources: ClassVar[tuple[str, ...]] = ()
    """Whose word this is: sources, each with all below it; without any: whoever publishes to the topic may say it."""

    @classmethod
    @cache
    def happened(cls) -> tuple[str, ...]:
        """Names of the instants and days at which what is reported happened, the clinical time first.

        None of them lies before the epidemic, or after the report came.
        """
        named = (name for name, field in cls.model_fields.items() if _tells_when(field.annotation))
        instants = [name for name in named if name not in cls.at_any_time]
        return tuple(sorted(instants, key=lambda name: name != cls.clinical_time))

    @classmethod
    def may_come_from(cls, source: str) -> bool:
        """Whether a publisher of this name may say this."""
        return not cls.sources or any(source == one or source.startswith(f"{one}/") for one in cls.sources)

    @property
    def clinical_at(self) -> datetime | None:
        """When it happened to the patient; None where the report names no instant (a no-show, a comorbidity)."""
        return getattr(self, self.clinical_time) if self.clinical_time else None

    @property
    def key(self) -> str:
        """What the report is about: must equal the envelope's `subject`."""
        return str(getattr(self, self.key_field))


class CaseReport(Report):
    """A report about one case."""

    case_id: CaseId


class Event(Message):
    """What a service states as fact. `withdrawn: true` takes back what is no longer true.

    `omitted`: what lay beyond the limits of the event's fields was left out, and by how much.
    """

    most_bytes: ClassVar[int] = 240 * 1024
    """What it may weigh in its envelope: less than an envelope may, so that another event can carry it whole."""

    withdrawn: Flag | None = None
    omitted: Omitted | None = None


class CaseEvent(Event):
    """An event about one case; `case_id` equals the envelope's `subject`."""

    case_id: CaseId


class PlacedEvent(CaseEvent):
    """An event that somebody near the patient acts on: where that is, so that each place finds its own.

    Each is absent while nobody knows it. `time_zone`: IANA, of the civil days in the event.
    """

    jurisdiction: Jurisdiction | None = None
    district: District | None = None
    time_zone: TimeZone | None = None
