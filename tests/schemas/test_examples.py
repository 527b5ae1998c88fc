"""Every message has an example that holds, every report at least two that do not, each with its error."""

import json
from collections import Counter
from collections.abc import Iterator

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from schemas.envelope import HEADERS, Invalid, encode, read, validate
from schemas.message import CaseEvent, Report
from schemas.publishing.json_schema import schema_of
from tests.schemas.examples import EXAMPLES, MESSAGES, NAMES, Rejected, refused, valid

REFUSED = refused()


@pytest.mark.parametrize("name", NAMES)
def test_a_valid_example_says_what_its_message_says(name: str) -> None:
    envelope = read(valid(name), HEADERS)
    message = validate(MESSAGES[name], envelope.data)

    assert envelope.type == message.type_name()
    assert envelope.dataschema == message.schema_urn()
    if isinstance(message, Report):
        assert message.key == envelope.subject
    if isinstance(message, CaseEvent):
        assert message.case_id == envelope.subject


@pytest.mark.parametrize("name", NAMES)
def test_an_example_written_anew_says_the_same(name: str) -> None:
    envelope = read(valid(name))
    message = validate(MESSAGES[name], envelope.data)
    attributes = {key: each for key, each in envelope._asdict().items() if key not in NOT_OURS_TO_GIVE}

    again = read(encode(message, **attributes), HEADERS)

    assert again._replace(data=None) == envelope._replace(data=None)
    assert validate(MESSAGES[name], again.data) == message
    assert _flat(again.data) | _flat(envelope.data) == _flat(again.data), "what the example says is said again"


@pytest.mark.parametrize("name", NAMES)
def test_a_valid_example_keeps_the_published_schema(name: str) -> None:
    schema = schema_of(MESSAGES[name])
    Draft202012Validator.check_schema(schema)

    Draft202012Validator(schema, format_checker=FormatChecker()).validate(read(valid(name)).data)


def test_every_message_has_a_valid_example_and_no_example_is_an_orphan() -> None:
    assert {path.stem for path in (EXAMPLES / "valid").iterdir()} == set(NAMES)


def test_every_report_has_at_least_two_invalid_examples() -> None:
    reports = {name for name in NAMES if issubclass(MESSAGES[name], Report)}
    counted = Counter(example.name for example in REFUSED)

    assert set(counted) == reports
    assert min(counted.values()) >= 2


@pytest.mark.parametrize("example", REFUSED, ids=lambda example: f"{example.name}-{example.what}")
def test_an_invalid_example_gives_exactly_its_error(example: Rejected) -> None:
    envelope = read(json.dumps(example.envelope).encode())

    with pytest.raises(Invalid) as refusal:
        validate(MESSAGES[example.name], envelope.data)

    assert (refusal.value.code, refusal.value.at) == (example.code, example.at)


@pytest.mark.parametrize("example", REFUSED, ids=lambda example: f"{example.name}-{example.what}")
def test_a_refusal_never_repeats_what_was_sent(example: Rejected) -> None:
    with pytest.raises(Invalid) as refusal:
        validate(MESSAGES[example.name], example.envelope["data"])

    emitted = f"{refusal.value} {refusal.value.at} {refusal.value.reason}"
    emitted = emitted.replace("2020-10-15T09:00:00+08:00", "").replace(
        "Asia/Shanghai", ""
    )  # the examples that a reason gives
    assert not [text for text in _long_texts(example.envelope["data"]) if text in emitted]


NOT_OURS_TO_GIVE = {"type", "data", "datacontenttype", "dataschema"}


def _long_texts(node: object) -> Iterator[str]:
    """Every text and key of a free dictionary that was sent, if it is long enough not to be found by accident."""
    if isinstance(node, dict):
        yield from (key for key in node if " " in key)
        for each in node.values():
            yield from _long_texts(each)
    elif isinstance(node, list):
        for each in node:
            yield from _long_texts(each)
    elif isinstance(node, str) and len(node) > 3 and node not in _VOCABULARY:
        yield node


# Words of the schema itself, which a reason may list as what would have been right.
_VOCABULARY = {
    word for name in NAMES for word in json.dumps(schema_of(MESSAGES[name])).replace('"', " ").replace(",", " ").split()
}


def _flat(node: object, path: str = "") -> dict[str, object]:
    """Path → value of everything that is said, with whole numbers and instants in one spelling each."""
    if isinstance(node, dict):
        return {at: each for key, inner in node.items() for at, each in _flat(inner, f"{path}.{key}").items()}
    if isinstance(node, list):
        return {at: each for key, inner in enumerate(node) for at, each in _flat(inner, f"{path}[{key}]").items()}
    return {path: node}
