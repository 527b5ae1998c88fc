"""Who may report under which source: whom a trusted gateway names, else whoever is on the list."""

import json
import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chassis.consume import publishers
from chassis.consume.publishers import BadPublishers, Publishers
from chassis.consume.reader import Accepted, Reader, Rejected
from chassis.consume.refusals import NOT_THEIRS
from chassis.process.service import Service
from chassis.process.settings import Settings
from schemas.envelope import HEADERS
from tests.chassis.engine_fixture import raw, record
from tests.chassis.toy import COUNTED_PATIENT, reading

HEADER = "x-principal"
TOPIC = "treatment.reports.v1"


def read(given: Publishers, source: str, *named: tuple[str, bytes | None]) -> str:
    """`taken`, or how a report of this source is answered."""
    good = record(reading("c-1", 0))
    value = json.dumps(json.loads(good.value or b"") | {"source": source}).encode()
    item = Reader([COUNTED_PATIENT], timedelta(minutes=5), publishers=given).read(
        raw(value, topic=TOPIC, headers=(*HEADERS, *named))
    )
    if isinstance(item, Rejected):
        assert item.rejection.code == "not_allowed"
        return "own" if item.rejection is NOT_THEIRS else "list"
    assert isinstance(item, Accepted)
    return "taken"


def written(folder: Path, listed: Any) -> Path:
    """The list as a file."""
    file = folder / "publishers.json"
    file.write_text(listed if isinstance(listed, str) else json.dumps(listed))
    return file


@pytest.fixture
def looks_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each report looks whether the file has changed."""
    monkeypatch.setattr(publishers, "LOOK_AGAIN_SECONDS", 0.0)


def test_without_either_setting_all_are_taken() -> None:
    assert read(Publishers(), "/anybody", (HEADER, b"hospital-1")) == "taken"


@pytest.mark.parametrize(
    ("named", "source", "answer"),
    [
        (b"hospital-h-1", "/hospitals/h-1", "taken"),
        (b"hospital-h-1", "/hospitals/h-1/ward/3", "taken"),
        (b"hospital-h-1", "/hospitals/h-11", "own"),
        (b"hospital-h-1", "/hospitals", "own"),
        (b"hospital-h-1", "/labs/h-1", "own"),
        (b"commission-cn-sh", "/health-commissions/cn-sh", "taken"),
        (b"integrator-h-1", "/hospitals/h-1", "own"),
        (b"nobody", "/nobody", "own"),
        (b"\xff", "/hospitals/h-1", "own"),
        (b"", "/hospitals/h-1", "own"),
        (None, "/hospitals/h-1", "own"),
    ],
)
def test_a_source_belongs_to_the_principal_whom_the_gateway_names(
    named: bytes | None, source: str, answer: str
) -> None:
    assert read(Publishers(HEADER), source, (HEADER, named)) == answer


def test_a_header_that_is_there_twice_names_nobody() -> None:
    twice = (HEADER, b"hospital-h-1"), (HEADER, b"hospital-h-1")
    assert read(Publishers(HEADER), "/hospitals/h-1", *twice) == "own"


def test_whom_the_gateway_names_needs_no_place_on_the_list_and_who_is_not_named_does(tmp_path: Path) -> None:
    both = Publishers(HEADER, written(tmp_path, {"/hospitals/h-2": None}))
    assert read(both, "/hospitals/h-1", (HEADER, b"hospital-h-1")) == "taken"
    assert read(both, "/hospitals/h-2", (HEADER, b"hospital-h-1")) == "own"
    assert read(both, "/hospitals/h-1") == "list"
    assert read(both, "/hospitals/h-2") == "taken"


@pytest.mark.parametrize(
    ("listed", "source", "answer"),
    [
        ({"/hospitals/h-1": None}, "/hospitals/h-1", "taken"),
        ({"/hospitals/h-1": None}, "/hospitals/h-1/ward", "list"),
        ({"/hospitals/h-1": None}, "/hospitals/h-11", "list"),
        ({"/hospitals/": None}, "/hospitals/h-1/ward", "taken"),
        ({"/hospitals/": None}, "/hospitals", "list"),
        ({"/hospitals/": [TOPIC]}, "/hospitals/h-1", "taken"),
        ({"/hospitals/": ["discharge.reports.v1"]}, "/hospitals/h-1", "list"),
        ({"/hospitals/": ["discharge.reports.v1"], "/hospitals/h-1": [TOPIC]}, "/hospitals/h-1", "taken"),
        ({"/hospitals/": []}, "/hospitals/h-1", "list"),
        ({}, "/hospitals/h-1", "list"),
    ],
)
def test_the_list_names_sources_prefixes_and_topics(
    tmp_path: Path, listed: Mapping[str, Any], source: str, answer: str
) -> None:
    assert read(Publishers(None, written(tmp_path, listed)), source) == answer


@pytest.mark.usefixtures("looks_at_once")
def test_a_list_that_has_changed_is_read_again_and_one_that_is_wrong_leaves_the_one_before(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    given = Publishers(None, written(tmp_path, {}))
    assert read(given, "/hospitals/h-1") == "list"
    written(tmp_path, {"/hospitals/": None})
    assert read(given, "/hospitals/h-1") == "taken"
    for wrong in ("not JSON", '{"hospitals": null}'):
        written(tmp_path, wrong)
        caplog.clear()
        assert [read(given, "/hospitals/h-1") for _ in range(3)] == ["taken"] * 3
        assert len(caplog.records) == 1
    (tmp_path / "publishers.json").unlink()
    assert read(given, "/hospitals/h-1") == "taken"
    written(tmp_path, {})
    assert read(given, "/hospitals/h-1") == "list"


@pytest.mark.parametrize(
    ("listed", "says"),
    [
        ("{", "is not JSON"),
        ([], "must hold an object"),
        ({"hospitals/": None}, "is no source; one begins with /"),
        ({"/hospitals/": "all"}, "a list of reports topics is wanted"),
        ({"/hospitals/": ["treatment.events.v1"]}, "a list of reports topics is wanted"),
        ({"/hospitals/": [["x"]]}, "a list of reports topics is wanted"),
    ],
)
def test_a_list_that_cannot_be_used_stops_the_process_at_its_start(tmp_path: Path, listed: Any, says: str) -> None:
    with pytest.raises(BadPublishers, match=says):
        Publishers(None, written(tmp_path, listed))


def test_a_list_that_is_not_there_is_said_with_the_setting(tmp_path: Path) -> None:
    assert "AFTERWARD_PUBLISHERS_FILE" not in os.environ
    with pytest.raises(BadPublishers, match="AFTERWARD_PUBLISHERS_FILE names it"):
        Service("treatment", [COUNTED_PATIENT], Settings(publishers_file=tmp_path / "absent.json"))
