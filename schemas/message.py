"""What every message has: a name, a major version, and for a report the instant at which it is about something."""

from datetime import datetime
from functools import cache
from typing import ClassVar

from schemas.values import CaseId, Flag, Omitted, Value


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


class Report(Message):
    """What somebody outside says happened: evidence, which is judged and either becomes events or is rejected."""

    clinical_time: ClassVar[str | None] = None
    """Name of the field that says when it happened to the patient; None where a report is about no instant."""
    key_field: ClassVar[str] = "case_id"
    """Name of the field that must equal the envelope's `subject`."""

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
