"""What is published is what the models say."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator, ValidationError

from schemas import generate
from schemas.folding import things
from schemas.publishing.asyncapi import document
from schemas.publishing.tables import topics_table
from schemas.topics import TOPICS

DOCUMENT = json.loads(json.dumps(document(generate.VERSION)))
EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "folding"


def test_nothing_generated_has_drifted(capsys: pytest.CaptureFixture[str]) -> None:
    assert generate.main(["--check"]) == 0, capsys.readouterr().err


def test_a_drifted_file_and_a_stray_one_are_named(published: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (published / "asyncapi.json").write_text('{"asyncapi": "2.6.0"}')
    (published / "json" / "Forgotten.v1.schema.json").write_text("{}")

    assert generate.main(["--check"]) == 1

    emitted = capsys.readouterr().err
    assert "published/asyncapi.json has drifted" in emitted
    assert "published/json/Forgotten.v1.schema.json has drifted" in emitted


def test_generating_again_puts_everything_right(published: Path) -> None:
    (published / "asyncapi.json").unlink()
    (published / "json" / "Forgotten.v1.schema.json").write_text("{}")

    assert generate.main([]) == 0
    assert generate.main(["--check"]) == 0


@pytest.mark.parametrize("name", sorted(DOCUMENT["components"]["messages"]))
def test_each_example_in_the_asyncapi_document_keeps_the_payload_beside_it(name: str) -> None:
    (example,) = DOCUMENT["components"]["messages"][name]["examples"]

    payload_validator(name).validate(example["payload"])


def test_an_example_that_does_not_keep_its_payload_is_found() -> None:
    (example,) = DOCUMENT["components"]["messages"]["TestResultReported.v1"]["examples"]
    spoilt = example["payload"] | {"data": example["payload"]["data"] | {"result": "positive"}}

    with pytest.raises(ValidationError):
        payload_validator("TestResultReported.v1").validate(spoilt)


def payload_validator(name: str) -> Draft7Validator:
    return Draft7Validator({**DOCUMENT, "$ref": f"#/components/messages/{name}/payload"})


def test_every_topic_is_a_channel_with_its_kafka_configuration() -> None:
    for topic in TOPICS:
        binding = DOCUMENT["channels"][topic.name]["bindings"]["kafka"]
        assert (binding["topic"], binding["partitions"]) == (topic.name, topic.partitions)
        assert binding["topicConfiguration"] == {
            "cleanup.policy": [topic.cleanup],
            "retention.ms": topic.retention_ms,
            "max.message.bytes": topic.max_message_bytes,
        }


def test_each_event_names_its_thing_and_no_report_does() -> None:
    named = {each["name"]: each.get("x-thing") for each in DOCUMENT["components"]["messages"].values()}

    assert {name for name, about in named.items() if about} == set(things())
    assert named["afterward.Admitted.v1"] == {
        "kind": "admission",
        "named_by": [
            {"field": "subject"},
            {"field": "data.institution_id"},
            {"field": "data.admitted_at", "as": "instant"},
        ],
    }


def test_a_reader_with_nothing_but_the_document_folds_the_example_for_integrators() -> None:
    def named(event: dict[str, Any], by: dict[str, str]) -> Any:
        *outer, name = by["field"].split(".")
        value = (event[outer[0]] if outer else event).get(name, by.get("default"))
        if value is not None and by.get("as") == "instant":
            return datetime.fromisoformat(value).astimezone(UTC).isoformat()
        return value

    about = {each["name"]: each.get("x-thing") for each in DOCUMENT["components"]["messages"].values()}
    events = [json.loads(line) for line in (EXAMPLE / "events.jsonl").read_text(encoding="utf-8").splitlines()]
    last: dict[tuple[Any, ...], int] = {}
    for event in events:
        thing_of = about[event["type"]]
        thing = (event["source"], thing_of["kind"], *(named(event, by) for by in thing_of["named_by"]))
        last[thing] = max(last.get(thing, -1), int(event["sequence"]))

    expected = [json.loads(line) for line in (EXAMPLE / "folded.jsonl").read_text(encoding="utf-8").splitlines()]
    assert last == {(each["source"], *each["thing"]): int(each["sequence"]) for each in expected}


def test_a_section_of_a_readme_is_drawn_anew_between_its_markers_and_nothing_else() -> None:
    text = "before\n<!-- generated:topics -->\nold\n<!-- /generated -->\nafter\n"

    drawn = generate.with_section(text, "topics", topics_table())

    assert drawn == text.replace("old", topics_table())
    assert generate.with_section(text, "journey", "new") == text


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place of its own to generate into, already generated."""
    place = tmp_path / "schemas" / "published"
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    monkeypatch.setattr(generate, "PUBLISHED", place)
    assert generate.main([]) == 0
    return place
