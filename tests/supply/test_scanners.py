"""Every scanner finds what was planted for it, and says so when it cannot look."""

import json
import subprocess
import threading
from collections.abc import Iterator
from email.message import Message
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.supply.__main__ import wrong_licences
from tests.supply.licences import exceptions, expression, is_allowed, of_distribution
from tests.supply.scanners import Skipped, known_holes, secrets_in_history, weak_code

HASH = "sha256:" + "0" * 64
HOLES = {("pyyaml", "5.3"): "CVE-2020-14343", ("planted", "1.0"): "CVE-2026-0001"}


class _Source(BaseHTTPRequestHandler):
    """What pip-audit asks when it asks as OSV: a name and a version, answered with holes."""

    knows = HOLES

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        hole = self.knows.get((asked["package"]["name"].lower(), asked["version"]))
        answer = json.dumps({"vulns": [_hole(hole, asked["package"]["name"])]} if hole else {}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


class _Ignorant(_Source):
    knows: dict[tuple[str, str], str] = {}  # noqa: RUF012 - as above


def _hole(name: str, package: str) -> dict[str, Any]:
    affected = {"package": {"name": package, "ecosystem": "PyPI"}, "ranges": [], "versions": []}
    return {
        "id": name,
        "summary": "planted",
        "aliases": [],
        "published": "2026-01-01T00:00:00Z",
        "affected": [affected],
    }


@pytest.fixture
def source(request: pytest.FixtureRequest) -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), request.param)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1/query"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    file = tmp_path / "requirements.lock"
    file.write_text(f"planted==1.0 --hash={HASH}\nsound==1.0 --hash={HASH}\n")
    return file


@pytest.mark.parametrize("source", [_Source], indirect=True)
def test_a_known_hole_is_found(source: str, lock: Path) -> None:
    found = known_holes(lock, "--vulnerability-service", "osv", "--osv-url", source)
    assert [each.split(" (")[0] for each in found] == ["planted 1.0: CVE-2026-0001"]


@pytest.mark.parametrize("source", [_Ignorant], indirect=True)
def test_a_source_that_knows_of_no_hole_at_all_is_not_believed(source: str, lock: Path) -> None:
    with pytest.raises(Skipped, match="does not know of a hole in pyyaml"):
        known_holes(lock, "--vulnerability-service", "osv", "--osv-url", source)


def test_a_source_that_is_away_is_no_clean_bill(lock: Path) -> None:
    with pytest.raises(Skipped):
        known_holes(lock, "--vulnerability-service", "osv", "--osv-url", "http://127.0.0.1:9/v1/query")


def test_weak_code_is_found(tmp_path: Path) -> None:
    (tmp_path / "room").mkdir()
    (tmp_path / "room" / "planted.py").write_text("import subprocess\n\nsubprocess.run('ls *', shell=True)\n")
    assert weak_code(tmp_path, ["room"], []) == ["room/planted.py: 1 × B602"]


def test_code_that_cannot_be_read_is_no_clean_bill(tmp_path: Path) -> None:
    (tmp_path / "room").mkdir()
    (tmp_path / "room" / "broken.py").write_text("def (:\n")
    (found,) = weak_code(tmp_path, ["room"], [])
    assert found.startswith("room/broken.py: not looked at")


def test_an_explanation_that_nothing_needs_is_found(tmp_path: Path) -> None:
    (tmp_path / "room").mkdir()
    (tmp_path / "room" / "sound.py").write_text("x = 1\n")
    explained = [{"file": "room/sound.py", "test": "B608", "findings": 1, "why": "names from the code"}]
    assert weak_code(tmp_path, ["room"], explained) == ["room/sound.py: B608 is explained, and not found"]


def test_each_exception_has_a_reason() -> None:
    assert all(each["why"] for every in exceptions().values() for each in every)


def test_a_secret_that_was_taken_back_is_found_in_the_history(tmp_path: Path) -> None:
    planted = tmp_path / "settings.py"
    _git(tmp_path, "init", "--quiet")
    planted.write_text('TOKEN = "ghp_' + "x7Kq2mZ9vB4nR8tL1wP5sD3fG6hJ0yC2aE4u" + '"\n')
    _commit(tmp_path)
    planted.write_text("TOKEN = None\n")
    _commit(tmp_path)
    try:
        found = secrets_in_history(tmp_path)
    except Skipped as reason:
        pytest.skip(str(reason))
    assert len(found) == 1
    assert found[0].endswith("settings.py:1: github-pat")
    assert "ghp_" not in found[0]


def test_a_history_that_was_cut_off_is_no_clean_bill(tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    whole.mkdir()
    _git(whole, "init", "--quiet")
    for text in "ab":
        (whole / "file").write_text(text)
        _commit(whole)
    _git(tmp_path, "clone", "--quiet", "--depth=1", whole.as_uri(), str(cut))
    with pytest.raises(Skipped):
        secrets_in_history(cut)


@pytest.mark.parametrize("licence", ["GPL-3.0-only", "MIT AND AGPL-3.0-only", "SSPL-1.0", "MPL-2.0", ""])
def test_a_licence_that_asks_for_more_is_refused(licence: str) -> None:
    assert not is_allowed(licence)


@pytest.mark.parametrize("licence", ["MIT", "Apache-2.0 OR GPL-2.0-only", "BSD-3-Clause AND (MIT OR GPL-3.0-only)"])
def test_a_licence_that_leaves_a_choice_is_allowed(licence: str) -> None:
    assert is_allowed(licence)


def test_a_licence_is_read_from_the_expression_the_field_or_the_classifiers() -> None:
    stated = Message()
    assert of_distribution(stated) == ""
    stated["Classifier"] = "License :: OSI Approved :: GNU General Public License v3 (GPLv3)"
    assert of_distribution(stated) == "", "nobody has said what that is"
    stated["Classifier"] = "License :: OSI Approved :: MIT License"
    assert of_distribution(stated) == "MIT"
    stated["License"] = "Apache 2.0"
    assert of_distribution(stated) == "Apache-2.0"
    stated["License-Expression"] = "MIT OR Apache-2.0"
    assert of_distribution(stated) == "MIT OR Apache-2.0"


def test_a_text_of_a_licence_is_no_name() -> None:
    assert expression("Permission is hereby granted, free of charge, to any person " * 20) == ""


def test_the_licences_of_all_that_is_pinned_are_on_the_list() -> None:
    assert wrong_licences() == []


def _git(place: Path, *arguments: str) -> None:
    who = ["-c", "user.name=planted", "-c", "user.email=planted@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *arguments], cwd=place, check=True, capture_output=True)


def _commit(place: Path) -> None:
    _git(place, "add", "--all")
    _git(place, "commit", "--quiet", "--message=planted")
