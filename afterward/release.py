"""Cuts a release: writes down what it was, so that the next version is held to it; or says what does not keep it.

python -m afterward.release DATE      writes RELEASED.json and the released language; DATE as 2026-11-30
python -m afterward.release --check   writes nothing; exits 1 when something that was released has been changed since

The version is that of pyproject.toml. `make release` calls this, and what else belongs to a release (CONTRIBUTING.md).
"""

import argparse
import hashlib
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from chassis.store.migrate import Migration, migrations
from schemas.publishing import released as language
from schemas.publishing.complaints import complain
from schemas.services import EVERY_SERVICE

ROOT: Final = Path(__file__).parent.parent
RELEASED: Final = ROOT / "RELEASED.json"
COMMAND: Final = "python -m afterward.release"
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")


class Release(msgspec.Struct, frozen=True):
    """The last release.

    `commit`: what stands for it until somebody has made the tag. `schemas`: SHA-256 of the released language.
    `migrations`: name → SHA-256 of each that it had; they are never edited and never taken away.
    """

    version: str
    date: str
    tag: str
    commit: str
    schemas: str
    migrations: dict[str, str]


def main(arguments: list[str] | None = None) -> int:
    """The exit code: 0 when it is written, or what was released is kept; 1 otherwise, with a line for each reason."""
    options = _options().parse_args(arguments)
    if options.check:
        return complain(list(differences(read(), in_code(), version())))
    if options.date is None or not _DAY.fullmatch(options.date):
        return complain([f"of which day is the release? `{COMMAND} 2026-11-30`"])
    if not _is_in_changelog(version(), options.date):
        return complain([f"CHANGELOG.md has no section `## [{version()}] - {options.date}`: write it first"])
    language.RELEASED.write_text(language.written(language.in_code()), encoding="utf-8")
    RELEASED.write_bytes(msgspec.json.format(msgspec.json.encode(_cut(options.date)), indent=1) + b"\n")
    return 0


def read() -> Release:
    """The last release. Raises msgspec.ValidationError when RELEASED.json was edited into something else."""
    return msgspec.json.decode(RELEASED.read_bytes(), type=Release)


def in_code() -> dict[str, str]:
    """Name → digest of every migration that there is."""
    return {one.name: one.digest for one in every_migration()}


def version() -> str:
    """Of pyproject.toml."""
    return str(_project()["version"])


def every_migration() -> list[Migration]:
    """Of the chassis and of every service, in the order in which they are applied."""
    return [
        one for package in ("chassis", *(f"services.{name}" for name in EVERY_SERVICE)) for one in migrations(package)
    ]


def differences(release: Release, now: Mapping[str, str], version_now: str) -> Iterator[str]:
    """A sentence for whatever was released and is not there any more as it was."""
    for name, digest in release.migrations.items():
        if name not in now:
            yield f"{name} was released with {release.version}, and is gone: databases have been through it"
        elif now[name] != digest:
            yield f"{name} was released with {release.version}, and was edited since: add another migration instead"
    if _digest(language.RELEASED) != release.schemas:
        yield f"{language.RELEASED.name} is not what {release.version} was released with: restore it"
    if _numbers(version_now) < _numbers(release.version):
        yield f"pyproject.toml is {version_now}, which is before {release.version}, the last release"
    if not _is_in_changelog(release.version, release.date):
        yield f"CHANGELOG.md has no section `## [{release.version}] - {release.date}`"


def _cut(date: str) -> Release:
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True)
    return Release(version(), date, f"v{version()}", commit.stdout.strip(), _digest(language.RELEASED), in_code())


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _is_in_changelog(version: str, date: str) -> bool:
    lines = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()
    return f"## [{version}] - {date}" in lines


def _project() -> Mapping[str, Any]:
    project: Mapping[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=COMMAND, description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("date", nargs="?", help="the day of the release")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when what was released is changed")
    return parser


if __name__ == "__main__":
    sys.exit(main())
