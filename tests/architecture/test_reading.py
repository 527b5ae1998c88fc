"""The tree reads well, as far as a machine can tell; and each thing that it looks for has been seen to be found."""

from pathlib import Path

import pytest

from tests.architecture.reading import blemishes, texts
from tests.architecture.sample_repo import ROOT

LONG_FUNCTION = "def conclude():\n" + "    pass\n" * 40


@pytest.mark.parametrize(
    ("path", "text", "finding"),
    [
        ("chassis/utils.py", "", "named after nothing"),
        ("chassis/common/store.py", "", "named after nothing"),
        ("tests/chassis/store_helpers.py", "", "named after nothing"),
        ("requirements.lock", "--index-url " + "https://mirror.example/simple\n", "package registry"),
        ("package-lock.json", '"resolved": "https://registry.npm' + 'js.org/x"', "package registry"),
        ("pom.xml", "<url>https://repo1." + "maven.example</url>", "package registry"),
        ("docs/start.md", "run it in /ho" + "me/ada/afterward", "path of somebody's machine"),
        ("services/intake/domain.py", "# TO" + "DO: later", "unfinished"),
        ("services/intake/domain.py", "raise NotImplemented" + "Error", "unfinished"),
        ("services/intake/domain.py", "x = 1\n" * 301, "301 lines"),
        ("services/intake/domain.py", LONG_FUNCTION, "41 lines"),
    ],
)
def test_what_spoils_the_reading_is_found(path: str, text: str, finding: str) -> None:
    assert finding in " ".join(blemishes(path, text))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("chassis/database.py", "# a hackney carriage, a base64 text, the basement"),
        ("schemas/values.py", "x = 1\n" * 300),
        ("pom.xml", '<project xmlns="http://maven.apache.org/POM/4.0.0">'),
        ("docs/start.md", "https://example.org/home/page and a homework"),
    ],
)
def test_what_reads_well_stays_unfound(path: str, text: str) -> None:
    assert blemishes(path, text) == []


def test_nothing_in_this_tree_spoils_the_reading() -> None:
    assert [blemish for path, text in texts(ROOT) for blemish in blemishes(path, text)] == []


def test_what_a_stack_has_left_in_the_tree_is_not_read(tmp_path: Path) -> None:
    for name in ("afterward-up.pid", "afterward-up.log", "README.md"):
        (tmp_path / name).write_text("a text", encoding="utf-8")
    assert dict(texts(tmp_path)) == {"README.md": "a text"}
