"""What was released keeps its meaning: a change that would break a publisher or a reader is refused, others are not."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from schemas import generate
from schemas.publishing import released
from schemas.publishing.compatibility import schema_breaches, without_words

REPORT, EVENT = "TestResultReported.v1", "Discharged.v1"
Language = dict[str, dict[str, Any]]
Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def language() -> Language:
    """A copy of the language as it stands, free to be changed."""
    return json.loads(json.dumps(released.in_code()))  # type: ignore[no-any-return]


def data_of(language: Language, name: str) -> dict[str, Any]:
    schema: dict[str, Any] = language["messages"][name]["schema"]
    return schema


def field(name: str, **change: Any) -> Change:
    """Something said otherwise of a field; None: no more said."""

    def done(schema: dict[str, Any]) -> None:
        for keyword, value in change.items():
            schema["properties"][name][keyword] = value
            if value is None:
                del schema["properties"][name][keyword]

    return done


def test_the_language_keeps_what_was_released() -> None:
    assert released.read(), "there is a release"
    assert released.breaches(released.read(), released.in_code()) == []


def test_the_copy_of_a_release_has_every_message_and_topic_without_words(language: Language) -> None:
    assert json.loads(released.written(language)) == language
    assert "description" not in released.written(language).replace("description of", "")
    assert set(language["messages"]) == set(generate.json_schemas())
    spoken = {"properties": {"title": {"title": "Title", "type": "string"}}, "description": "in words"}
    assert without_words(spoken) == {"properties": {"title": {"type": "string"}}}


BREAKS_A_REPORT: dict[str, tuple[Change, str]] = {
    "a field removed": (lambda schema: schema["properties"].pop("ct_values"), "data.ct_values is gone"),
    "a type changed": (field("lab", type="integer"), "data.lab: type was string, is now integer"),
    "required added": (lambda schema: schema["required"].append("ct_values"), "data.ct_values may have been absent"),
    "a word less": (
        lambda schema: schema["properties"]["result"]["enum"].remove("inconclusive"),
        "data.result: 'inconclusive' was allowed, and is so no more",
    ),
    "shorter": (field("result_id", maxLength=12), "data.result_id: maxLength was 128, is now 12"),
    "another form": (field("test", pattern="^[a-z]$"), "data.test: pattern was"),
    "another default": (field("collected_precision", default="day"), "data.collected_precision: default was minute"),
    "closed": (lambda schema: schema.update(additionalProperties=False), "additionalProperties was not there, is now"),
    "a keyword that nobody thought of": (field("lab", contentEncoding="base64"), "contentEncoding was not there"),
}


@pytest.mark.parametrize("change", BREAKS_A_REPORT)
def test_a_change_after_which_a_publisher_would_be_refused_is_refused(change: str, language: Language) -> None:
    before = copy.deepcopy(language)
    plant, words = BREAKS_A_REPORT[change]
    plant(data_of(language, REPORT))

    (sentence,) = released.breaches(before, language)

    assert sentence.startswith(f"{REPORT} is released, and would change its meaning: data")
    assert words in sentence
    assert "new major version" in sentence


BREAKS_AN_EVENT: dict[str, tuple[Change, str]] = {
    "a field removed": (lambda schema: schema["properties"].pop("protocol"), "data.protocol is gone"),
    "no more required": (lambda schema: schema["required"].remove("protocol"), "data.protocol was always there"),
    "required added": (lambda schema: schema["required"].append("known_at"), "data.known_at may have been absent"),
    "a word more": (
        lambda schema: schema["properties"]["disposition"]["enum"].append("vanished"),
        "data.disposition: 'vanished' is new, and readers do not know it",
    ),
    "a word less": (lambda schema: schema["properties"]["disposition"]["enum"].remove("died"), "'died' was allowed"),
    "longer": (field("institution_id", maxLength=999), "data.institution_id: maxLength was 128, is now 999"),
    "a form that is gone": (field("institution_id", pattern=None), "data.institution_id: pattern was"),
    "in a part": (
        lambda schema: schema["$defs"]["Comorbidity"]["properties"].pop("active"),
        "data.comorbidities[].active is gone",
    ),
    "in a part, another type": (
        lambda schema: schema["$defs"]["Residence"]["properties"]["district"].update(type="integer"),
        "data.residence.district: type was string, is now integer",
    ),
}


@pytest.mark.parametrize("change", BREAKS_AN_EVENT)
def test_a_change_after_which_a_reader_would_be_surprised_is_refused(change: str, language: Language) -> None:
    before = copy.deepcopy(language)
    plant, words = BREAKS_AN_EVENT[change]
    plant(data_of(language, EVENT))

    (sentence,) = released.breaches(before, language)

    assert words in sentence


BEARABLE: dict[str, tuple[str, Change]] = {
    "a report gains a field": (REPORT, lambda schema: schema["properties"].update(machine={"type": "string"})),
    "an event gains a field": (EVENT, lambda schema: schema["properties"].update(ward={"type": "string"})),
    "a report asks for less": (REPORT, lambda schema: schema["required"].remove("lab")),
    "a report has a word more": (REPORT, lambda schema: schema["properties"]["result"]["enum"].append("pending")),
    "a report may be longer": (REPORT, field("result_id", maxLength=999)),
    "a report may be in any form": (REPORT, field("test", pattern=None)),
}


@pytest.mark.parametrize("change", BEARABLE)
def test_a_change_that_nobody_has_to_know_of_is_none(change: str, language: Language) -> None:
    before = copy.deepcopy(language)
    name, plant = BEARABLE[change]
    plant(data_of(language, name))

    assert language != before
    assert released.breaches(before, language) == []


STRING, NUMBER = {"type": "string"}, {"type": "number"}


@pytest.mark.parametrize(
    ("before", "after", "is_report", "words"),
    [
        ({"anyOf": [STRING, NUMBER]}, {"anyOf": [NUMBER, STRING]}, False, []),
        ({"anyOf": [STRING]}, {"anyOf": [STRING, NUMBER]}, True, []),
        ({"anyOf": [STRING]}, {"anyOf": [STRING, NUMBER]}, False, ["data: 1 more choices are allowed"]),
        ({"anyOf": [STRING, NUMBER]}, {"anyOf": [NUMBER]}, True, ["data: choice 1 of 2 was allowed"]),
        (STRING, {"anyOf": [STRING, NUMBER]}, True, ["data: 2 more choices", "data: type was string, is gone"]),
        ({"minimum": 1}, {"minimum": 0}, True, []),
        ({"minimum": 1}, {"minimum": 2}, True, ["data: minimum was 1, is now 2"]),
        ({}, {"minimum": 2}, True, ["data: minimum was not there, is now 2"]),
        ({"enum": ["a"]}, STRING | {"enum": None}, False, ["data: one of ['a'] was allowed", "data: type"]),
        ({"items": STRING}, {"items": NUMBER}, True, ["data[]: type was string, is now number"]),
        ({"patternProperties": {"^a": STRING}}, {"patternProperties": {"^b": STRING}}, True, ["^a are gone", "^b are"]),
    ],
)
def test_each_part_of_a_schema_is_compared_by_what_it_allows(
    before: dict[str, Any], after: dict[str, Any], is_report: bool, words: list[str]
) -> None:
    found = schema_breaches(before, {key: part for key, part in after.items() if part is not None}, is_report=is_report)

    assert len(found) == len(words), found
    assert all(any(each in sentence for sentence in found) for each in words), found


def test_a_message_may_not_disappear_nor_move_nor_be_about_another_thing(language: Language) -> None:
    before = copy.deepcopy(language)
    del language["messages"][REPORT]
    language["messages"][EVENT]["thing"]["fields"] = []
    language["messages"]["Admitted.v1"]["topics"] = ["discharge.events.v1"]

    found = released.breaches(before, language)

    for words in (
        f"{REPORT} is released, and would change its meaning: no model has its name any more",
        f"{EVENT} is released, and would change its meaning: it had the last word on",
        "it is published to treatment.events.v1 no more",
    ):
        assert any(words in sentence for sentence in found), found
    assert len(found) == 3


def test_a_topic_keeps_its_partitions_and_may_be_followed_by_the_next_version_of_it(language: Language) -> None:
    before = copy.deepcopy(language)
    language["topics"]["intake.reports.v1"]["partitions"] = 12
    language["topics"]["intake.events.v2"] = language["topics"].pop("intake.events.v1") | {"partitions": 12}
    del language["topics"]["contact.events.v1"]

    assert released.breaches(before, language) == [
        "topic intake.reports.v1: partitions was 6, and is now 12: give it the next version",
        "topic contact.events.v1 is gone, and has no next version",
    ]


def test_generating_and_checking_refuse_what_breaks_a_release_and_write_nothing(
    language: Language, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data_of(language, EVENT)["properties"]["ward"] = {"type": "string"}
    copy_of_release = tmp_path / "released.json"
    copy_of_release.write_text(released.written(language), encoding="utf-8")
    monkeypatch.setattr(released, "RELEASED", copy_of_release)
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    monkeypatch.setattr(generate, "PUBLISHED", tmp_path / "published")

    for arguments in (["--check"], []):
        assert generate.main(arguments) == 1
        assert "Discharged.v1 is released, and would change its meaning: data.ward is gone" in capsys.readouterr().err
    assert not (tmp_path / "published").exists()
