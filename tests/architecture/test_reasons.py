"""Whatever is refused or parked is explained: publishers find every code, operators every reason and every metric."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

from chassis.process.metric_list import METRICS, PARKING_REASONS, REJECTION_CODES, exposed
from schemas.envelope import Unreadable
from schemas.events.rejections import ReportRejected
from schemas.validation import Invalid
from tests.architecture.sample_repo import ROOT
from tests.architecture.test_docs import pages

SAYS_CODE = {"Rejection": 0}
SAYS_REASON = {"Unreadable": 0, "Unprocessable": 1, "Parked": 1, "block": 2, "_answer_or_park": 4}
"""What is called with a code or a reason, and at which place it stands."""
_QUOTED = re.compile(r"`([a-z_]+)(?::[^`]*)?`")
_METRIC = re.compile(r"`(afterward_(?!schemas`)[a-z_]+)`")  # `afterward_schemas` is the package


def modules() -> Iterator[ModuleType]:
    """Every module that may refuse or park something."""
    for package in ("schemas", "chassis", "services"):
        for path in sorted((ROOT / package).rglob("*.py")):
            if "node_modules" not in path.parts and path.stem not in {"app", "delivery_worker_app"}:
                yield import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))


def emitted(module: ModuleType, source: str, callers: dict[str, int]) -> Iterator[str]:
    """The words at that place of each call, where they are written there or are a constant of the module."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            place = callers.get(getattr(node.func, "attr", getattr(node.func, "id", "")))
            if place is not None and place < len(node.args):
                yield from _word(module, node.args[place])


def _word(module: ModuleType, given: ast.expr) -> Iterator[str]:
    match given:
        case ast.Constant(value=str(word)):
            yield word
        case ast.Name(id=name) if isinstance(constant := getattr(module, name, None), str):
            yield constant
        case ast.JoinedStr(values=[ast.Constant(value=str(beginning)), *_]):
            yield beginning.rstrip(":")
        case ast.JoinedStr(values=[ast.FormattedValue(value=inserted), *_]):
            yield from _word(module, inserted)
        case ast.IfExp(body=body, orelse=orelse):
            yield from (*_word(module, body), *_word(module, orelse))


def all_emitted(callers: dict[str, int]) -> set[str]:
    """All words that the code can say there."""
    texts = ((module, Path(module.__file__ or "").read_text(encoding="utf-8")) for module in modules())
    return {word for module, source in texts for word in emitted(module, source, callers)}


def missing(words: set[str], text: str) -> set[str]:
    """The words that a text does not explain: it names none of them in a quoted word of its own."""
    return words - set(_QUOTED.findall(text))


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def test_every_code_of_a_refusal_is_told_to_publishers_and_in_the_schema() -> None:
    codes = all_codes()
    assert codes >= {"impossible_time", "identifying_text", "too_many", "id_reused", "wrong_type"}
    assert missing(codes, page("architecture/parking.md")) == set()
    assert missing(codes, ReportRejected.__doc__ or "") == set()


def test_every_code_and_every_reason_has_a_series_of_its_own() -> None:
    assert set(REJECTION_CODES) == all_codes()
    assert set(PARKING_REASONS) == all_reasons()


def all_codes() -> set[str]:
    """Every code with which a report is refused."""
    return all_emitted(SAYS_CODE) | set(_QUOTED.findall(_sentence(Invalid.__doc__, "code"))) | {"conflict"}


def all_reasons() -> set[str]:
    """Every reason for which a record is parked."""
    return all_emitted(SAYS_REASON) | set(_QUOTED.findall(_sentence(Unreadable.__doc__, "reason")))


def test_every_reason_for_parking_is_in_the_runbook() -> None:
    reasons = all_reasons()
    assert reasons >= {"no_usable_source", "identifying_subject", "wrong_source", "case_is_parked", "unreadable"}
    assert missing(reasons, page("operations/parked-records.md")) == set()


def _sentence(doc: str | None, about: str) -> str:
    """The words that a docstring says something can be."""
    return re.split(rf"`{about}` is one of", doc or "")[1].split(";")[0]


def test_every_metric_that_a_page_names_exists() -> None:
    reported = {name for each in pages() for name in _METRIC.findall(each.read_text(encoding="utf-8"))}
    assert "afterward_blocked_cases" in reported
    assert reported - {*exposed(), *(f"afterward_{metric.name}" for metric in METRICS)} == set()


def test_a_word_that_nobody_explains_is_seen() -> None:
    module = import_module("chassis.consume.reader")
    source = (
        "Rejection('rude')\nUnprocessable(record, f'{UNREADABLE}:{x}' if x else y)\nUnprocessable(record, WRONG_SOURCE)"
    )
    assert set(emitted(module, source, SAYS_CODE)) == {"rude"}
    assert set(emitted(module, source, SAYS_REASON)) == {"unreadable", "wrong_source"}
    assert missing({"rude", "unreadable"}, "`unreadable:…` and rude") == {"rude"}
