"""`python -m tests.supply.jar_lock` asks Maven what its two projects need, and pins that: part of `make lock`."""

import hashlib
import re
import subprocess
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from tests.architecture.sample_repo import ROOT
from tests.supply.licences import expression
from tests.supply.parts import JAR_LOCKS

PROJECTS: Final = (ROOT / "afterward/stack/kafka/pom.xml", ROOT / "bench/peers/streams.xml")
_LISTED: Final = re.compile(r"^ +([\w.-]+):([\w.-]+):jar:([\w.-]+):(?:compile|runtime)", re.MULTILINE)
_REPOSITORY: Final = Path.home() / ".m2" / "repository"


class Jar(NamedTuple):
    """Where an artifact is."""

    group: str
    artifact: str
    version: str

    @property
    def stem(self) -> Path:
        """Its files in Maven's repository, without a suffix."""
        folder = _REPOSITORY.joinpath(*self.group.split("."), self.artifact, self.version)
        return folder / f"{self.artifact}-{self.version}"


def main() -> None:
    """Writes both locks."""
    for project, lock in zip(PROJECTS, JAR_LOCKS, strict=True):
        lock.write_text("".join(f"{line}\n" for line in sorted(_lines(project), key=_coordinates)), encoding="utf-8")


def _coordinates(line: str) -> str:
    return line.split()[1]


def _lines(project: Path) -> Iterator[str]:
    for jar in _resolved(project):
        digest = hashlib.sha256(Path(f"{jar.stem}.jar").read_bytes()).hexdigest()
        yield f"{digest}  {':'.join(jar)}  {' OR '.join(sorted(_licences(jar))) or 'unknown'}"


def _resolved(project: Path) -> list[Jar]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "list"
        command = ["mvn", "--quiet", "--batch-mode", "--strict-checksums", f"--file={project}", "dependency:list"]
        subprocess.run([*command, f"-DoutputFile={file}"], check=True)
        return [Jar(*found) for found in _LISTED.findall(file.read_text(encoding="utf-8"))]


def _licences(jar: Jar) -> set[str]:
    """Of its pom, or of the nearest parent that names any; what has no identifier stays as it is written."""
    pom = ET.parse(f"{jar.stem}.pom").getroot()  # noqa: S314 - what Maven has parsed before
    names = [name.text or "" for name in pom.iterfind("{*}licenses/{*}license/{*}name")]
    if names:
        return {expression(name) or " ".join(name.split()) for name in names}
    parent = pom.find("{*}parent")
    if parent is None:
        return set()
    group, artifact, version = (parent.findtext(f"{{*}}{each}") or "" for each in ("groupId", "artifactId", "version"))
    return _licences(Jar(group.strip(), artifact.strip(), version.strip()))


if __name__ == "__main__":
    main()
