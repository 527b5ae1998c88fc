"""documents.lock.json is what the code stores, and a change beyond appending is not written into it unasked."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from afterward import documents
from afterward.documents import LOCK, main
from chassis.store.upgrading.documents import Part, changes


@pytest.fixture
def lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the lock, which the module takes for the real one."""
    copy = tmp_path / LOCK.name
    copy.write_text(LOCK.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr(documents, "LOCK", copy)
    return copy


def test_the_lock_is_up_to_date() -> None:
    assert main(["--check"]) == 0


def fields(lock: dict[str, Any]) -> list[str]:
    """The fields of the plans of follow-up."""
    found: list[str] = lock["services"]["followup"]["case"]["parts"]["conclusions.plans[]"]["fields"]
    return found


def change(lock: Path, **done: Any) -> None:
    """The lock as it would be, had the code been different: `gone` and `come` are fields by their number."""
    given = json.loads(lock.read_text(encoding="utf-8"))
    for number in done.get("gone", ()):
        del fields(given)[number]
    for number, field in done.get("come", {}).items():
        fields(given).insert(number, field)
    lock.write_text(json.dumps(given, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def test_what_was_appended_since_is_written_and_until_then_it_has_drifted(
    lock: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = lock.read_text(encoding="utf-8")
    change(lock, gone=[-1])
    assert main(["--check"]) == 1
    assert "has drifted: run `python -m afterward.documents`" in capsys.readouterr().err
    assert main([]) == 0
    assert lock.read_text(encoding="utf-8") == before


HARM: dict[str, dict[str, Any]] = {
    "inserted": {"gone": [3]},
    "removed": {"come": {3: "was: text"}},
    "reordered": {"gone": [2], "come": {4: "discharged_at: instant"}},
    "another type": {"gone": [1], "come": {1: "episode: text"}},
    "a default that is lost": {"gone": [0], "come": {0: 'key: text = ""'}},
    "removed at the end": {"come": {99: "was: text"}},
}


@pytest.mark.parametrize("harm", HARM)
def test_anything_else_is_refused_until_somebody_says_why(
    lock: Path, capsys: pytest.CaptureFixture[str], harm: str
) -> None:
    change(lock, **HARM[harm])
    before = lock.read_text(encoding="utf-8")
    for arguments in (["--check"], []):
        assert main(arguments) == 1
        assert "followup, case: conclusions.plans[], field" in capsys.readouterr().err
        assert lock.read_text(encoding="utf-8") == before
    assert main(["--accept", "nothing is released"]) == 0
    (accepted,) = json.loads(lock.read_text(encoding="utf-8"))["accepted"]
    assert accepted.startswith("nothing is released: followup, case: conclusions.plans[], field")
    assert main(["--check"]) == 0
    assert main([]) == 0, "and it is kept"
    assert json.loads(lock.read_text(encoding="utf-8"))["accepted"] == [accepted]


def test_a_kind_that_is_gone_is_seen(lock: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = json.loads(lock.read_text(encoding="utf-8"))
    given["services"]["intake"]["suspect"] = given["services"]["intake"]["case"]
    lock.write_text(json.dumps(given), encoding="utf-8")
    assert main(["--check"]) == 1
    assert "intake, suspect: nothing of this name is stored any more" in capsys.readouterr().err


def _structs(given: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for service, aggregates in given["services"].items():
        for aggregate in aggregates.values():
            yield from ((service, part["struct"]) for part in aggregate["parts"].values())


def test_every_struct_that_is_stored_is_named() -> None:
    """Nested ones included, and the chassis' own copies."""
    named = set(_structs(json.loads(LOCK.read_text(encoding="utf-8"))))
    assert {
        ("followup", "Log"),
        ("followup", "Counts"),
        ("bulletin", "Figure"),
        ("intake", "Residence"),
        ("primarycare", "Request"),
        ("contact", "Switch"),
        ("discharge", "Criterion"),
    } <= named
    institution = json.loads(LOCK.read_text(encoding="utf-8"))["services"]["intake"]["institution"]
    assert institution["parts"]["facts"]["fields"][:2] == ['rank: text = ""', "stands: boolean = false"]


@pytest.mark.parametrize(
    ("was", "now", "is_read"),
    [
        ("on: date", "on: date | null", True),
        ("on: date", "on: date | null = null", True),
        ("on: date | null", "on: date", False),
        ("on: date", "on: instant | null", False),
        ("on: date", "at: date | null", False),
    ],
)
def test_what_was_always_there_may_be_absent_from_now_on_and_nothing_else_of_a_type_changes(
    was: str, now: str, is_read: bool
) -> None:
    before, after = ({"facts": Part("Facts", "array", (field,))} for field in (was, now))

    assert (changes(before, after) == []) == is_read
