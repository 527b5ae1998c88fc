"""Environments of the peers, made on first use and kept for each user: Python's from pinned files, Java's by Maven.

Python's are made with, and kept apart for, the Python that runs the benchmarks: all of them run the same one.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from afterward.stack.kafka.jar_lock import differences

_HERE = Path(__file__).parent


class NoEnvironment(RuntimeError):
    """A peer's environment could not be made; the message says what the tool said."""


def python(requirements: str) -> str:
    """The Python of an environment with what `bench/peers/<requirements>` pins. Raises NoEnvironment."""

    def make(folder: Path) -> None:
        _run([sys.executable, "-m", "venv", str(folder)])
        install = ["-m", "pip", "install", "--quiet", "--require-hashes", "--requirement", str(file)]
        _run([str(folder / "bin" / "python"), *install])

    file = _HERE / requirements
    return str(_kept(file.stem, [file], make, made_by=sys.version) / "bin" / "python")


def java_classes(source: str, pom: str) -> str:
    """The class path of `bench/peers/<source>`, compiled, and of what `pom` names, as its lock has it.

    Raises NoEnvironment.
    """
    program, project = _HERE / source, _HERE / pom
    lock = project.with_suffix(".lock")

    def make(folder: Path) -> None:
        jars = folder / "jars"
        goal = ["dependency:copy-dependencies", f"-DoutputDirectory={jars}"]
        _run(["mvn", "--quiet", "--batch-mode", "--strict-checksums", f"--file={project}", *goal])
        if wrong := differences(jars, lock):
            raise NoEnvironment(f"what Maven fetched is not what {lock.name} has: {'; '.join(wrong)}")
        _run(["javac", "-d", str(folder / "classes"), "-cp", f"{jars}/*", str(program)])

    folder = _kept(project.stem, [program, project, lock], make)
    return f"{folder / 'classes'}{os.pathsep}{folder / 'jars'}/*"


def versions() -> dict[str, str]:
    """What is compared with: package → version, as the files of this folder pin it."""
    named = {}
    for file, package in (("quix.txt", "quixstreams"), ("faust.txt", "faust-streaming")):
        named[package] = _found(file, rf"^{package}(?:\[.*\])?==(\S+)")
    return {
        **named,
        "kafka-streams": _found("streams.xml", r"<artifactId>kafka-streams</artifactId>\s+<version>(4[^<]+)"),
    }


def _found(file: str, pattern: str) -> str:
    """What `file` pins. Raises LookupError when it pins nothing of the kind."""
    for found in re.finditer(pattern, (_HERE / file).read_text(), re.MULTILINE):
        return found[1]
    raise LookupError(f"{file} does not say {pattern}")


def _kept(name: str, made_from: Sequence[Path], make: Callable[[Path], None], made_by: str = "") -> Path:
    """A folder that is whole: made as a draft, under a name that changes with what it is made from, and by whom."""
    digest = hashlib.sha256(b"".join([made_by.encode(), *(file.read_bytes() for file in made_from)])).hexdigest()[:12]
    caches = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(caches) / "afterward" / f"bench-{name}-{digest}"
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(dir=folder.parent))
        try:
            make(draft)
            draft.rename(folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return folder


def _run(command: Sequence[str]) -> None:
    try:
        done = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    except FileNotFoundError:
        raise NoEnvironment(f"{command[0]} is not on the PATH") from None
    if done.returncode != 0:
        raise NoEnvironment(f"{' '.join(command)}:\n{(done.stdout + done.stderr)[-2000:]}")
