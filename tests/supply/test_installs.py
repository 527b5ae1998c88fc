"""Nothing is installed that no lock knows by its hash: not by pip, npm or Maven; Go's tools are named by version."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from afterward.stack.kafka.jar_lock import KAFKA_LOCK, differences
from tests.architecture.sample_repo import ROOT
from tests.supply.parts import EVERYTHING, JAR_LOCKS, NODE_LOCKS, PEERS, SHIPPED, jar_parts, node_parts, python_parts

PIP = re.compile(r"\b(pip|PIP)\b.*\binstall\b")
OURSELVES = (("--no-deps", "--no-build-isolation"), ("--no-deps", "--no-index"))
"""Our own code, which has no hash: nothing else comes with it."""
PYTHON_LOCKS = (EVERYTHING, SHIPPED, *(peer.with_suffix(".txt") for peer in PEERS))
PROSE = ("docs/decisions/", "CHANGELOG.md", "tests/supply/")


def commands(text: str) -> Iterator[str]:
    """Its lines; one that goes on after a backslash is one."""
    yield from re.sub(r"\\\n\s*", "", text).splitlines()


def loose_pip(text: str) -> list[str]:
    """Commands of pip that take what no hash pins."""
    return [
        line
        for line in commands(text)
        if PIP.search(line)
        and "--require-hashes" not in line
        and not any(all(option in line for option in options) for options in OURSELVES)
    ]


def loose_others(text: str) -> list[str]:
    """Commands of npm, Go and Maven that take whatever is newest, or whatever comes."""
    return [
        line
        for line in commands(text)
        if re.search(r"\bnpm (install|i|update|add)\b", line)
        or re.search(r"\bgo install (?!\S+@v\d)", line)
        or ('["mvn"' in line and "--strict-checksums" not in line)
    ]


def files() -> dict[str, str]:
    """Every file of the repository that may hold a command: path → text."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    kept = (path for path in listed if not path.startswith(PROSE) and (ROOT / path).is_file())
    suffixes = {".py", ".sh", ".md", ".yaml", ".toml", ".mjs", ""}
    return {path: (ROOT / path).read_text("utf-8") for path in kept if Path(path).suffix in suffixes}


def test_every_command_that_installs_takes_what_a_lock_pins() -> None:
    found = {path: loose_pip(text) + loose_others(text) for path, text in files().items()}
    assert {path: lines for path, lines in found.items() if lines} == {}


def test_the_commands_that_install_are_found() -> None:
    installing = {path for path, text in files().items() if any(map(PIP.search, commands(text)))}
    assert {"Makefile", "deploy/Dockerfile", "bench/peers/environments.py", "tests/schemas/test_wheel.py"} <= installing


@pytest.mark.parametrize(
    "line",
    [
        "RUN python3 -m pip install --quiet requests",
        "\t$(PIP) install \\\n  --requirement requirements.lock",
        '_run(["-m", "pip", "install", "--requirement", str(file)])',
    ],
)
def test_an_install_without_hashes_is_seen(line: str) -> None:
    assert loose_pip(line)


@pytest.mark.parametrize(
    "line",
    ["npm install kafkajs", "go install helm.sh/helm/v3/cmd/helm@latest", '["mvn", "--quiet", "dependency:list"]'],
)
def test_whatever_is_newest_is_seen(line: str) -> None:
    assert loose_others(line)


def test_each_part_of_each_lock_has_its_hash() -> None:
    parts = [
        *(part for lock in PYTHON_LOCKS for part in python_parts(lock)),
        *(part for lock in NODE_LOCKS for part in node_parts(lock)),
        *(part for lock in JAR_LOCKS for part in jar_parts(lock)),
    ]
    assert len(parts) > 400
    assert [part for part in parts if not part.hashes or not all(part.hashes)] == []


def test_a_pin_without_its_hash_is_seen(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text("faust[fast]==1.0 \\\n    --hash=sha256:" + "a" * 64 + "\n    # via us\nkafka==2.0\n")
    assert [(part.name, len(part.hashes)) for part in python_parts(lock)] == [("faust", 1), ("kafka", 0)]


@pytest.mark.parametrize("lock", JAR_LOCKS, ids=lambda path: path.name)
def test_the_lock_of_jars_has_what_the_project_names(lock: Path) -> None:
    project = {"jars.lock": lock.with_name("pom.xml"), "streams.lock": lock.with_suffix(".xml")}[lock.name]
    named = re.findall(r"<artifactId>([^<]+)</artifactId>\s*<version>([^<]+)</version>", project.read_text("utf-8"))
    pinned = {(part.name.partition(":")[2], part.version) for part in jar_parts(lock)}
    assert {each for each in named if not each[0].endswith("-plugin") and each[1] != "1"} <= pinned


def test_a_jar_with_another_content_is_seen(tmp_path: Path) -> None:
    wanted = {f"{part.name.partition(':')[2]}-{part.version}.jar" for part in jar_parts(KAFKA_LOCK)}
    for name in wanted - {"snakeyaml-2.5.jar"}:
        (tmp_path / name).write_bytes(b"planted")
    (tmp_path / "more-1.0.jar").write_bytes(b"planted")
    found = differences(tmp_path, KAFKA_LOCK)
    assert "snakeyaml-2.5.jar is missing" in found
    assert "more-1.0.jar is in no lock" in found
    assert "kafka_2.13-4.3.1.jar has another content" in found
    assert len(found) == len(wanted) + 1
