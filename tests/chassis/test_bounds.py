"""When what is reported can have happened: of every type of report, every instant and every day that it tells of."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from chassis.consume.reader import Accepted, Reader, Rejected
from chassis.decide.aggregate import on
from schemas.instants import parse_instant
from schemas.message import Report
from schemas.topics import registry
from services.treatment.routes import AGGREGATES as TREATMENT
from tests.chassis.engine_fixture import raw
from tests.chassis.toy import PATIENT, learn_reading
from tests.schemas.examples import valid

REPORTS = {model.__name__: model for model, _ in registry().values() if issubclass(model, Report)}
LEARN: Any = learn_reading
READER = Reader([replace(PATIENT, learns=tuple(on(model, LEARN) for model in REPORTS.values()))], timedelta(minutes=5))
SHANGHAI = timezone(timedelta(hours=8))
RECEIVED_AT = datetime(2030, 6, 1, 12, tzinfo=SHANGHAI)
AT_ANY_TIME = [(name, field) for name, model in REPORTS.items() for field in sorted(model.at_any_time)]
WHEN = {name: model.happened() for name, model in REPORTS.items() if model.happened()}


def read(name: str, /, data: dict[str, Any] | None = None, **attributes: Any) -> Accepted | Rejected:
    """The valid example of a report, come in 2030, with some of its data and attributes replaced."""
    envelope = json.loads(valid(name))
    envelope["data"] |= data or {}
    envelope |= attributes
    topic = registry()[REPORTS[name].type_name()][1].name
    item = READER.read(raw(json.dumps(envelope).encode(), topic=topic, received_at=RECEIVED_AT))
    assert isinstance(item, Accepted | Rejected)
    return item


def moved(name: str, to: str) -> Accepted | Rejected:
    """The report with every time at which something of it happened moved to one."""
    written = {field: str(REPORTS[name].model_fields[field].annotation) for field in WHEN[name]}
    return read(
        name, data={field: to if "datetime.datetime" in aggregate else to[:10] for field, aggregate in written.items()}
    )


def why(item: Accepted | Rejected) -> tuple[str, str | None]:
    assert isinstance(item, Rejected), item
    return item.rejection.code, item.rejection.at


def test_every_instant_and_day_of_a_report_is_bounded_but_those_that_tell_of_no_past_event() -> None:
    assert set(AT_ANY_TIME) == {
        ("InstitutionDeclared", "effective_from"),
        ("InstitutionWithdrawn", "effective_from"),
        ("ChannelClosed", "closed_at"),
        ("ChannelClosed", "opened_at"),
        ("ChannelOpened", "opened_at"),
        ("ComorbidityReported", "medicines_last_until"),
        ("ExpertRostered", "from_"),
        ("ExpertRostered", "until"),
        ("ExpertUnrostered", "from_"),
        ("ResidenceChanged", "from_"),
    }
    assert set(REPORTS) - set(WHEN) == {name for name, _ in AT_ANY_TIME}
    several = {name: fields for name, fields in WHEN.items() if len(fields) > 1}
    assert several == {
        "TestResultReported": ("collected_at", "resulted_at"),
        "TravellerArrived": ("arrived_at", "departed_on"),
        "DayReported": ("reported_at", "local_date"),
    }


@pytest.mark.parametrize("name", WHEN)
@pytest.mark.parametrize("long_ago", ["2002-10-02T09:00:00+08:00", "2019-11-30T23:59:59+08:00"])
def test_nothing_happened_before_the_earliest_day(name: str, long_ago: str) -> None:
    assert why(moved(name, long_ago)) == ("impossible_time", WHEN[name][0])


@pytest.mark.parametrize("name", WHEN)
def test_what_happened_on_the_earliest_day_is_taken(name: str) -> None:
    assert isinstance(moved(name, "2019-12-01T00:00:00+08:00"), Accepted)


@pytest.mark.parametrize("name", WHEN)
def test_nothing_happened_after_it_came(name: str) -> None:
    assert why(moved(name, "2030-06-01T12:05:01+08:00")) == ("impossible_time", WHEN[name][0])


@pytest.mark.parametrize(
    ("name", "field", "impossible"),
    [
        ("TestResultReported", "resulted_at", "2102-10-01T00:00:00Z"),
        ("TravellerArrived", "departed_on", "2002-10-01"),
        ("DayReported", "local_date", "2002-10-01"),
    ],
)
def test_no_other_time_of_a_report_is_impossible_either(name: str, field: str, impossible: str) -> None:
    assert why(read(name, data={field: impossible})) == ("impossible_time", field)


@pytest.mark.parametrize(("name", "field"), AT_ANY_TIME)
@pytest.mark.parametrize("year", ["1999", "2040"])
def test_what_tells_of_no_past_event_may_lie_at_any_time(name: str, field: str, year: str) -> None:
    is_day = field == "medicines_last_until"
    assert isinstance(read(name, data={field: f"{year}-01-01" + ("" if is_day else "T00:00:00Z")}), Accepted)


@pytest.mark.parametrize("name", REPORTS)
def test_no_report_was_written_down_after_it_came(name: str) -> None:
    assert why(read(name, recordedtime="2030-06-01T12:05:01+08:00")) == ("impossible_time", "recordedtime")
    assert isinstance(read(name, recordedtime="2030-06-01T12:05:00+08:00"), Accepted)


def test_a_report_that_does_not_say_when_it_was_written_down_counts_from_its_time() -> None:
    ahead = json.loads(valid("PatientAdmitted"))
    ahead.pop("recordedtime")
    ahead["time"] = "2199-01-01T00:00:00Z"
    item = READER.read(raw(json.dumps(ahead).encode(), topic="treatment.reports.v1", received_at=RECEIVED_AT))
    assert isinstance(item, Rejected)
    assert (item.rejection.code, item.rejection.at) == ("impossible_time", "time")


def test_the_earliest_day_is_a_setting() -> None:
    of_2003 = Reader(TREATMENT, timedelta(minutes=5), date(2002, 11, 1))
    old = json.loads(valid("PatientAdmitted"))
    old["data"]["admitted_at"] = "2003-03-01T00:00:00+08:00"
    item = of_2003.read(raw(json.dumps(old).encode(), topic="treatment.reports.v1", received_at=RECEIVED_AT))
    assert isinstance(item, Accepted)


def test_one_wrong_year_is_refused() -> None:
    """`one_wrong_year.jsonl`: an admission of 2002 instead of 2020, as it was found to block a discharge for good."""
    line = (Path(__file__).parents[1] / "inputs" / "one_wrong_year.jsonl").read_bytes()
    item = Reader(TREATMENT, timedelta(minutes=5)).read(
        raw(line.strip(), topic="treatment.reports.v1", received_at=RECEIVED_AT)
    )
    assert isinstance(item, Rejected)
    assert (item.rejection.code, item.rejection.at) == ("impossible_time", "admitted_at")


@pytest.mark.parametrize(
    "written", ["2020-12-31T23:59:60Z", "2021-01-01T07:59:60+08:00", "2021-01-01T07:59:60.25+08:00"]
)
def test_a_leap_second_is_the_last_moment_of_its_minute(written: str) -> None:
    item = read("PatientAdmitted", data={"admitted_at": written})
    assert isinstance(item, Accepted)
    assert parse_instant(written) == datetime(2020, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
    assert parse_instant(written).isoformat()[-6:] == written.replace("Z", "+00:00")[-6:]
