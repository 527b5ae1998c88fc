"""What looks for weak code, for known holes and for secrets: three tools of others, and what is let through of each.

A scanner that cannot look says why (`Skipped`); it never passes for one that found nothing.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from tests.architecture.sample_repo import ROOT
from tests.supply.licences import exceptions

LOOKED_AT: Final = ("afterward", "chassis", "schemas", "services", "story", "bench", "deploy", "docs")
"""The rooms in which bandit looks; tests plant what it looks for."""
_EVERYDAY: Final = "B404,B603,B607"
"""A child process at all, without a shell, of a program on PATH: ruff leaves these out for the same reason."""
CANARY: Final = "pyyaml==5.3"
"""A version with a hole that everybody knows (CVE-2020-14343): a source that does not name it does not answer."""
GITLEAKS: Final = ROOT / ".venv" / "go-bin" / "gitleaks"


class Skipped(Exception):
    """A scanner could not look; the message says why."""


def weak_code(root: Path, rooms: Sequence[str], explanations: Sequence[Mapping[str, Any]]) -> list[str]:
    """What bandit finds in these rooms and nobody has explained, and explanations of what it does not find any more."""
    command = [sys.executable, "-m", "bandit", "--quiet", "--recursive", *rooms, "--skip", _EVERYDAY]
    found = _json([*command, "--exclude", "*/node_modules/*", "--format", "json"], root)
    unread = [f"{each['filename']}: not looked at: {each['reason']}" for each in found["errors"]]
    places = Counter((each["filename"].removeprefix("./"), each["test_id"]) for each in found["results"])
    explained = Counter({(each["file"], each["test"]): each["findings"] for each in explanations})
    lines = [f"{file}: {count} × {test}" for (file, test), count in sorted((places - explained).items())]
    return unread + lines + [f"{file}: {test} is explained, and not found" for file, test in sorted(explained - places)]


def known_holes(lock: Path, *source: str) -> list[str]:
    """What pip-audit knows of the versions in a lock; `source`: options that say whom it asks. Raises Skipped."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as canary:
        canary.write(f"{CANARY}\n")
        canary.flush()
        answers = _holes(["--no-deps", "--requirement", canary.name], source)
    if not answers:
        raise Skipped(f"the source of pip-audit does not know of a hole in {CANARY}, so it knows of none")
    return _holes(["--require-hashes", "--requirement", str(lock)], source)


def _holes(what: Sequence[str], source: Sequence[str]) -> list[str]:
    ignored = [option for each in exceptions().get("hole", ()) for option in ("--ignore-vuln", each["id"])]
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--progress-spinner", "off", "--format", "json"]
    try:
        found = _json([*command, *what, *source, *ignored], ROOT)
    except ChildProcessError as error:
        raise Skipped(str(error)) from None
    looked_at = found["dependencies"]
    holes = [
        f"{one['name']} {one['version']}: {hole['id']} ({', '.join(hole['aliases'])}), mended in {hole['fix_versions']}"
        for one in looked_at
        for hole in one.get("vulns", ())
    ]
    unknown = [f"{one['name']}: {one['skip_reason']}" for one in looked_at if "skip_reason" in one]
    return (
        holes if len(unknown) == len(looked_at) else holes + unknown
    )  # of a source that knows nothing at all: nothing


def secrets_in_history(repository: Path) -> list[str]:
    """What gitleaks finds in any commit, by place; never what it found. Raises Skipped."""
    program = shutil.which("gitleaks", path=f"{GITLEAKS.parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if program is None:
        raise Skipped("gitleaks was not found, and without Go it is not built (`make audit` does)")
    git = ["git", "-C", str(repository), "rev-parse", "--is-shallow-repository"]
    if subprocess.run(git, capture_output=True, text=True, check=True).stdout.strip() == "true":
        raise Skipped("this clone does not have the whole history (git fetch --unshallow)")
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        options = [
            f"--config={ROOT / '.gitleaks.toml'}",
            "--redact",
            "--no-banner",
            "--log-level=error",
            "--exit-code=0",
        ]
        _run([program, "git", *options, "--report-format=json", f"--report-path={report}", str(repository)], repository)
        found: list[dict[str, Any]] = json.loads(report.read_text(encoding="utf-8"))
    return [f"{one['Commit'][:12]} {one['File']}:{one['StartLine']}: {one['RuleID']}" for one in found]


def _json(command: Sequence[str], root: Path) -> Any:
    """What a tool prints as JSON, whatever it ends with. Raises ChildProcessError where it prints none."""
    emitted = _run(command, root)
    try:
        return json.loads(emitted[emitted.index("{") :])
    except ValueError:
        raise ChildProcessError(f"{command[2]} gave no answer") from None


def _run(command: Sequence[str], root: Path) -> str:
    """What it prints. Raises ChildProcessError with the last line of its errors where it fails and prints nothing."""
    done = subprocess.run(command, cwd=root, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0 and not done.stdout:
        errors = done.stderr.strip().splitlines()
        raise ChildProcessError(errors[-1] if errors else f"{command[0]} ended with {done.returncode}")
    return done.stdout
