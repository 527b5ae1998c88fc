"""The last release as it was shipped: its wheel, in an environment of its own that shares today's dependencies.

The wheel is built of the tag that RELEASED.json names, or of its commit where nobody has made the tag yet.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pydantic

from afterward.release import Release, read
from tests.faults.processes.forkserver import ROOT, Forkserver

HERE = Path(__file__).parent
TOO_SHALLOW = (
    "this clone has neither the tag {0.tag} nor the commit {0.commit:.12} of release {0.version}: fetch all of it"
)


class NotInThisClone(Exception):
    """The clone does not have the commit of the last release: it is a shallow one, or an archive."""


class OlderRelease:
    """The code of the last release, installed in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.release: Release = read()
        self.python = folder / "venv" / "bin" / "python"

    @property
    def commit(self) -> str:
        """What is built. Raises NotInThisClone."""
        for name in (f"refs/tags/{self.release.tag}", self.release.commit):
            found = _git("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
            if found.returncode == 0:
                return found.stdout.decode().strip()
        raise NotInThisClone(TOO_SHALLOW.format(self.release))

    def install(self) -> None:
        """Builds the wheel and installs it. Raises NotInThisClone, CalledProcessError."""
        commit = self.commit
        shutil.rmtree(self.python.parents[1], ignore_errors=True)
        with tempfile.TemporaryDirectory() as scratch:
            tree, wheels = Path(scratch) / "tree", Path(scratch) / "wheels"
            archive = Path(scratch) / "tree.tar"
            _git("archive", "--output", str(archive), commit).check_returncode()
            shutil.unpack_archive(archive, tree, filter="data")
            _pip("wheel", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(wheels), str(tree))
            venv.create(self.python.parents[1], with_pip=False)
            (wheel,) = wheels.glob("afterward-*.whl")
            _pip("--python", str(self.python), "install", "--no-deps", "--no-index", str(wheel))
        (site,) = self.python.parents[1].glob("lib/python*/site-packages")
        (site / "dependencies_of_today.pth").write_text(f"{Path(pydantic.__file__).parents[1]}\n")
        assert site in self.place().parents, "today's code hides the release's"

    def forkserver(self) -> Forkserver:
        """Forks its services."""
        return Forkserver([str(self.python), "-P", str(HERE / "nest.py")], self.python.parent)

    def migrate(self, owners: Mapping[str, str]) -> None:
        """Makes each database as this release makes it. `owners`: service → the DSN of its owner."""
        self._asked("migrate", owners)

    def refusals(self, dsns: Mapping[str, str]) -> dict[str, str]:
        """Service → why this release would not work on its database as it is; those where it would are left out."""
        return self._asked("fits", dsns)

    def place(self) -> Path:
        """Where the code lies that its interpreter runs."""
        command = [str(self.python), "-P", "-c", "import chassis; print(chassis.__file__)"]
        done = subprocess.run(command, capture_output=True, check=True, cwd=self.python.parent)
        return Path(done.stdout.decode().strip())

    def _asked(self, what: str, dsns: Mapping[str, str]) -> dict[str, str]:
        command = [str(self.python), "-P", str(HERE / "on_databases.py"), what]
        given = json.dumps(dict(dsns)).encode()
        done = subprocess.run(command, input=given, capture_output=True, check=False, cwd=self.python.parent)
        assert done.returncode == 0, done.stderr.decode()
        answered: dict[str, str] = json.loads(done.stdout)
        return answered


def _git(*arguments: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=False)


def _pip(*arguments: str) -> Any:
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    return subprocess.run(command, check=True, cwd=ROOT)
