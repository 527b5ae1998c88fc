"""Many messages about one case: what a defective device, a laboratory's loop, or somebody who means harm would send."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from chassis.consume.reader import Record
from chassis.ids import NAMESPACE
from schemas.envelope import HEADERS, encode
from schemas.message import Message, Report
from schemas.topics import registry
from tests.domain.bulletin import journeys as bulletin
from tests.domain.discharge import journeys as discharge
from tests.domain.followup import journeys as followup
from tests.domain.intake import journeys as intake
from tests.domain.primarycare import journeys as primarycare
from tests.domain.treatment import journeys as treatment

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


class Stream(NamedTuple):
    """Messages of one kind to one service: those that went before, and the one of a number."""

    service: str
    aggregate: str
    before: Iterable[Message]
    make: Callable[[int], Message]
    journeys: Any
    case_id_of: str | None = None
    """Another case than that of the journeys."""

    @property
    def name(self) -> str:
        return f"{self.service} {self.aggregate}"

    @property
    def case_id(self) -> str:
        case_id: str = self.case_id_of or self.journeys.CASE
        return case_id

    def record(self, message: Message, number: int, received_at: datetime) -> Record:
        """The message as the bus has it, its rank rising with the number."""
        value = encode(
            message,
            id=str(uuid5(NAMESPACE, f"{self.name} {number}")),
            source="/tests",
            subject=self.case_id,
            time=received_at,
            recordedtime=received_at,
            sequence=None if isinstance(message, Report) else number + 1_000,
        )
        topic = registry()[message.type_name()][1].name
        return Record(topic, 0, number, self.case_id.encode(), value, HEADERS, received_at)


def _result(number: int) -> Message:
    at = treatment.at("09-20T08:00") + number * MINUTE
    return treatment.result(f"h-{number}", "09-20T08:00", "not_detected", collected_at=at, resulted_at=at + MINUTE)


def _version(number: int) -> Message:
    at = treatment.at("09-20T09:00") + number * SECOND
    outcome = ("not_detected", "detected")[number % 2]
    return treatment.result("h-0", "09-20T08:00", outcome, resulted_at=at, status="corrected")


def _vital_signs(number: int) -> Message:
    at = treatment.at("09-20T08:00") + number * MINUTE
    return treatment.vital_signs("09-20T08:00").model_copy(
        update={"measured_at": at, "temperature_c": 36.6 + number % 9 / 10, "temperature_site": "axillary"}
    )


def _treatment(number: int) -> Message:
    return treatment.treatment("09-20T08:00", given_at=treatment.at("09-20T08:00") + number * MINUTE)


def _imaging(number: int) -> Message:
    at = treatment.at("09-20T08:00") + number * MINUTE
    return treatment.imaging(f"s-{number}", "09-20T08:00", performed_at=at)


def _comorbidity(number: int) -> Message:
    return treatment.comorbidity(f"{chr(65 + number // 1000)}{number // 10 % 100:02}.{number % 10}")


def _cancelled(number: int) -> Message:
    day, odd = divmod(number, 2)
    at = discharge.at(20) + day * timedelta(minutes=5)
    if odd:
        return discharge.cancelled(at + MINUTE)
    return discharge.discharged(at, institution_id=f"CN-SH/h-{number}")


def _log(number: int) -> Message:
    at = followup.at(15, 8) + number * SECOND
    return followup.log(1 + number % 14, ("am", "pm")[number % 2], 36.1 + number % 9 / 10, reported_at=at)


def _visit(number: int) -> Message:
    return followup.visited("week_2", followup.at(14, 8) + number * MINUTE)


_STAY = [discharge.confirmed(), discharge.admitted(), discharge.swabbed("r-1", discharge.at(1, 3), "detected")]
_NEARLY = [*_STAY, discharge.swabbed("r-2", discharge.at(3)), discharge.swabbed("r-3", discharge.at(5))]
_HERE = [treatment.imported(), treatment.admitted(), treatment.result("r-1", "09-14T23:00")]

STREAMS = (
    Stream("treatment", "results", _HERE, _result, treatment),
    Stream("treatment", "versions of a result", _HERE, _version, treatment),
    Stream("treatment", "vital signs", _HERE, _vital_signs, treatment),
    Stream("treatment", "treatments", _HERE, _treatment, treatment),
    Stream("treatment", "images", _HERE, _imaging, treatment),
    Stream("treatment", "comorbidities", _HERE, _comorbidity, treatment),
    Stream(
        "discharge", "results", _STAY, lambda n: discharge.swabbed(f"h-{n}", discharge.at(5) + n * MINUTE), discharge
    ),
    Stream(
        "discharge",
        "versions of a result",
        _STAY,
        lambda n: discharge.corrected(
            discharge.swabbed("h-0", discharge.at(5)),
            discharge.at(6) + n * SECOND,
            result=("detected", "not_detected")[n % 2],
        ),
        discharge,
    ),
    Stream("discharge", "vital signs", _NEARLY, lambda n: discharge.measured(discharge.at(5) + n * MINUTE), discharge),
    Stream("discharge", "fevers", _NEARLY, lambda n: discharge.measured(discharge.at(5) + n * MINUTE, 38.5), discharge),
    Stream("discharge", "discharges and cancellations", _STAY, _cancelled, discharge),
    Stream(
        "intake",
        "results",
        [intake.arrived(), intake.recorded()],
        lambda n: intake.recorded(f"h-{n}", "not_detected"),
        intake,
    ),
    Stream("followup", "logs", [followup.discharged()], _log, followup),
    Stream("followup", "calls", [followup.discharged()], lambda n: followup.called(f"c-{n}", followup.at(2)), followup),
    Stream(
        "followup",
        "vital signs",
        [followup.discharged()],
        lambda n: followup.measured(followup.at(1) + n * MINUTE),
        followup,
    ),
    Stream(
        "followup",
        "fevers",
        [followup.discharged()],
        lambda n: followup.measured(followup.at(1) + n * MINUTE, 38.6),
        followup,
    ),
    Stream(
        "followup",
        "results",
        [followup.discharged()],
        lambda n: followup.retested(f"h-{n}", followup.at(1) + n * MINUTE),
        followup,
    ),
    Stream(
        "bulletin",
        "severities",
        [bulletin.imported()],
        lambda n: bulletin.assessed(("common", "severe")[n % 2]),
        bulletin,
    ),
    Stream(
        "bulletin",
        "discharges",
        [bulletin.imported()],
        lambda n: bulletin.discharged(("recovered", "died")[n % 2]),
        bulletin,
    ),
    Stream(
        "primarycare",
        "alerts",
        [primarycare.discharged()],
        lambda n: primarycare.raised(alert_id=str(UUID(int=n, version=4))),
        primarycare,
    ),
)
