"""What would find a person is rejected, wherever it is planted; what only looks like it passes."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from chassis.consume.identifying import TextCheck
from chassis.consume.identifying.finding import in_identifier, in_key, in_pseudonym, in_text, is_snomed
from chassis.consume.identifying.policy import FORMATS, formats_in_force
from chassis.consume.reader import Accepted, Reader, Record, Rejected, Unprocessable
from schemas.envelope import HEADERS, read, validate
from schemas.instants import parse_instant
from schemas.message import Report
from schemas.reports.consultation import ConsultationCompleted
from schemas.topics import TOPICS, report_topic
from services.intake.routes import AGGREGATES as INTAKE
from services.treatment.routes import AGGREGATES as TREATMENT
from tests.planted import HARMLESS, PLANTED
from tests.schemas.examples import valid

TODAY = date(2020, 10, 15)
RECEIVED_AT = datetime(2020, 12, 1, tzinfo=UTC)
ANYWHERE = formats_in_force(None, TODAY)
REPORTS = [model for topic in TOPICS for model in topic.messages if issubclass(model, Report)]


def test_fifty_five_different_strings_are_planted() -> None:
    assert len(set(PLANTED)) == len(PLANTED) == 55


@pytest.mark.parametrize("planted", PLANTED)
def test_what_finds_a_person_is_found_alone_and_among_words(planted: str) -> None:
    assert in_text(planted, ANYWHERE)
    assert in_text(f"improved, {planted} (mother)", ANYWHERE)
    assert in_text(f"咳嗽，{planted}。", ANYWHERE)


@pytest.mark.parametrize("harmless", HARMLESS)
def test_what_only_looks_like_it_passes(harmless: str) -> None:
    assert not in_text(harmless, ANYWHERE)


READINGS = ("SpO2 95 96 97 98 99", "98 97 96 95 94 93 92 91", "10 15 20 25 30 35", "0600 1000 1400 1800 2200")


@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize("country", ["CN", "US", "SG", "GB", "KR", "IN"])
def test_readings_and_times_are_no_telephone_of_any_country(reading: str, country: str) -> None:
    assert not in_text(reading, formats_in_force(country, TODAY))


def test_whoever_was_born_since_the_first_cases_has_an_id_by_its_check_digit() -> None:
    """Tubes are numbered by region, day and count in as many digits."""
    assert in_text("baby, 440300202001230013", ANYWHERE)
    assert not in_text("tube 440300202001230012", ANYWHERE)


def _texts() -> list[tuple[type[Report], str]]:
    return [(model, field.path) for model in REPORTS for field in TextCheck(model).texts]


@pytest.mark.parametrize(("model", "path"), _texts(), ids=lambda each: getattr(each, "__name__", each))
def test_every_field_that_may_hold_words_is_looked_at_and_named(model: type[Report], path: str) -> None:
    data = read(valid(model.__name__)).data
    planted = "13812345678" if path == "symptoms_accepted" else "call 13812345678"
    assert refusal(model, data) is None

    found = refusal(model, planted_at(data, path, planted))

    assert found is not None
    assert (found.code, found.at.partition("[")[0]) == ("identifying_text", path)
    assert planted not in found.reason


def test_the_fields_that_may_hold_words_are_these() -> None:
    named = {path.rpartition(".")[2] for _, path in _texts()}

    assert named >= {"symptoms", "finding", "findings", "reason", "purpose", "department", "district", "lab", "panel"}
    assert named >= {"criteria", "medication", "dose", "regular_medicines", "oxygen_support", "evidence", "name"}


def refusal(model: type[Report], data: Any) -> Any:
    return TextCheck(model).refusal(validate(model, data), TODAY)


def planted_at(data: dict[str, Any], path: str, planted: str) -> dict[str, Any]:
    """The data with a text in a field, in the second place of a list."""
    outer, _, inner = path.partition(".")
    if path == "prescription.items":
        planted_in = [*data[outer][inner], planted]
        return data | {outer: data[outer] | {inner: planted_in}}
    if inner:
        return data | {outer: {**_missing(outer), **(data.get(outer) or {}), inner: planted}}
    listed = outer in {
        *("symptoms", "symptoms_accepted", "panel", "criteria", "regular_medicines"),
        *("departments", "red_flags"),
    }
    return data | {outer: ["386661006", planted] if listed else planted}


def _missing(outer: str) -> dict[str, Any]:
    known = {"residence": {"jurisdiction": "CN-SH"}, "override": {"kind": "persistently_positive"}}
    return dict(known[outer])


@pytest.mark.parametrize(
    ("identifier", "found"),
    [
        ("11010519491231002X", True),  # a resident's id with its check digit
        ("p:11010519491231002x", True),
        ("310101202010150017", False),  # region, sampling day and count, whatever its check digit
        ("310101199001011235", False),  # no check digit of a resident's id
        ("20201015001", False),
        ("13812345678", False),  # a laboratory may count so far
        ("PCR-2020-1015-0001", False),
        ("3f2b8c1e-1234-4000-8000-138123456789", False),
    ],
)
def test_an_identifier_of_a_tube_is_refused_only_where_it_can_be_nothing_else(identifier: str, found: bool) -> None:
    assert in_identifier(identifier) is found


@pytest.mark.parametrize("identifier", ["13812345678", "8613812345678", "p/138-1234-5678", "11010519491231002X"])
def test_what_stands_for_people_may_be_no_mobile_either(identifier: str) -> None:
    assert in_key(identifier)
    assert in_pseudonym(identifier)


@pytest.mark.parametrize("identifier", ["A123456789", "S1234567D", "A1234563", "900101-1234567", "E12345678"])
def test_a_pseudonym_may_be_no_id_of_another_country(identifier: str) -> None:
    assert in_pseudonym(identifier)
    assert not in_key(identifier)


@pytest.mark.parametrize(
    "reference",
    ["p-0001", "E20200915", "3f2b8c1e-1234-4000-8000-138123456789", "9f86d081884c7d659a2feaa0c55ad015", "1234567890"],
)
def test_a_pseudonym_passes(reference: str) -> None:
    assert not in_pseudonym(reference)


def test_no_mobile_and_no_id_of_the_mainland_is_taken_for_a_code() -> None:
    assert not any(is_snomed(f"13{number:09}") for number in range(0, 1_000_000_000, 1_000_003))
    assert all(is_snomed(code) for code in ("386661006", "10629271000119107", "1240521000000100"))


def test_eight_digits_are_a_telephone_in_hong_kong_only() -> None:
    assert in_text("91234567", formats_in_force("CN-HK", TODAY))
    assert not in_text("91234567", formats_in_force("CN-SH", TODAY))
    assert not in_text("13812345678", formats_in_force("DE-BE", TODAY))
    assert in_text("+8613812345678", formats_in_force("DE-BE", TODAY))


def test_what_is_looked_for_where_has_a_source() -> None:
    assert all(row.source for row in FORMATS)


def record(name: str, **changed: Any) -> Record:
    """The example of a report with changed attributes of its envelope."""
    envelope = json.loads(valid(name)) | changed
    topic = report_topic(envelope["type"]).name
    return Record(topic, 0, 0, b"k", json.dumps(envelope).encode(), HEADERS, RECEIVED_AT)


def read_by(aggregates: Any, name: str, **changed: Any) -> Any:
    return Reader(aggregates, parse_instant("2020-01-01T00:05:00Z") - parse_instant("2020-01-01T00:00:00Z")).read(
        record(name, **changed)
    )


SOURCES = [
    "/hospitals/" + "x" * 100,
    "hospitals/1",
    "https://example.com/labs",
    "//example.com/labs",
    "/labs/zhang@example.com",
    "/labs/zhang%40example.com",
    "/labs/张伟",
    "/labs/1 2",
    "/",
]


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_that_is_no_path_is_answered_and_not_repeated(source: str) -> None:
    refused = read_by(TREATMENT, "TestResultReported", source=source)

    assert isinstance(refused, Rejected)
    assert (refused.rejection.code, refused.rejection.at, refused.envelope.source) == ("invalid", "source", "/")


@pytest.mark.parametrize("source", ["/patients/13812345678", "/patients/11010519491231002X"])
def test_a_source_that_identifies_is_answered_and_not_repeated(source: str) -> None:
    cases: list[dict[str, Any]] = [{}, {"data": {}}]
    for spoilt in cases:
        refused = read_by(TREATMENT, "TestResultReported", source=source, **spoilt)

        assert isinstance(refused, Rejected)
        assert (refused.rejection.code, refused.rejection.at) == ("identifying_text", "source")
        assert refused.envelope.source == "/"


def test_a_source_of_a_hundred_characters_is_taken() -> None:
    assert isinstance(read_by(TREATMENT, "TestResultReported", source="/hospitals/" + "x" * 89), Accepted)


@pytest.mark.parametrize("spoilt", [{}, {"data": {}}, {"source": "?"}])
def test_a_subject_that_identifies_is_parked_since_every_answer_would_carry_it(spoilt: dict[str, Any]) -> None:
    data = read(valid("TestResultReported")).data | {"case_id": "13812345678"}

    parked = read_by(TREATMENT, "TestResultReported", **{"subject": "13812345678", "data": data, **spoilt})

    assert isinstance(parked, Unprocessable)
    assert parked.reason == "identifying_subject"


def test_what_travels_along_has_the_form_of_what_it_is_for_or_stays_behind() -> None:
    planted = {"correlationid": "13812345678", "causationid": "a@b.cn", "traceparent": "00-zhang-wei-01"}

    accepted = read_by(TREATMENT, "TestResultReported", **planted)

    assert isinstance(accepted, Accepted)
    assert (accepted.envelope.correlationid, accepted.envelope.causationid, accepted.envelope.traceparent) == (
        None,
    ) * 3


def test_what_has_its_form_travels_along() -> None:
    identity, trace = "0a1b2c3d-0000-4000-8000-00000000000a", f"00-{'a' * 32}-{'b' * 16}-01"

    accepted = read_by(TREATMENT, "TestResultReported", correlationid=identity.upper(), traceparent=trace)

    assert (accepted.envelope.correlationid, accepted.envelope.traceparent) == (identity, trace)


def test_a_pseudonym_that_is_an_id_is_refused_by_name() -> None:
    data = read(valid("TravellerArrived")).data | {"person_ref": "11010519491231002X"}

    refused = read_by(INTAKE, "TravellerArrived", data=data)

    assert (refused.rejection.code, refused.rejection.at) == ("identifying_text", "person_ref")


@pytest.mark.parametrize(
    ("items", "found"),
    [
        (["ibuprofen", {"medication": "paracetamol", "dose": "one at night"}], None),
        (["ibuprofen", "for 13812345678"], "prescription.items[1].medication"),
        (["ibuprofen", {"medication": "paracetamol", "dose": "call 13812345678"}], "prescription.items[1].dose"),
    ],
)
def test_what_is_a_text_or_an_object_with_texts_is_looked_at_either_way(items: list[Any], found: str | None) -> None:
    data = read(valid("ConsultationCompleted")).data
    prescription = data["prescription"] | {"items": items}

    refused = refusal(ConsultationCompleted, data | {"prescription": prescription})

    assert (refused and refused.at) == found
