"""The commands of a page for operators, section by section, and a shell that runs them under an account."""

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryFile

from afterward.stack.process import Account, as_account
from tests.architecture.sample_repo import ROOT

RESTORE = ROOT / "docs" / "operations" / "restore.md"
RESTORED_DATABASE = ROOT / "docs" / "operations" / "restored-database.md"
LIMIT_SECONDS = 600


def commands(page: Path, heading: str, block: int | None = None) -> str:
    """What follows a `$` or a `>` in the console blocks below a heading, up to the next heading; or in one of them.

    Raises LookupError when there is no such section or block, or it has no commands.
    """
    text = page.read_text(encoding="utf-8")
    found = re.search(rf"^(#+) {re.escape(heading)}\n(.*?)(?=^#|\Z)", text, re.MULTILINE | re.DOTALL)
    if found is None:
        raise LookupError(f"{page.name} has no section {heading!r} any more")
    blocks = re.findall(r"```console\n(.*?)```", found[2], re.DOTALL)
    lines = [line for one in (blocks if block is None else [blocks[block]]) for line in one.splitlines()]
    typed = [line[2:] for line in lines if line.startswith(("$ ", "> "))]
    if not typed:
        raise LookupError(f"{page.name} has no commands below {heading!r} any more")
    return "\n".join(typed)


def run_as(account: Account | None, script: str, environment: Mapping[str, str], folder: Path) -> str:
    """What a shell prints that ends with the first command that fails. `account`: None for our own.

    Raises AssertionError with all that was printed when it fails.
    """
    with TemporaryFile() as shown:  # no pipe: a server that is started here would hold it open
        done = subprocess.run(
            ["bash", "-c", f"set -eu\n{script}"],
            check=False,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=shown,
            stderr=subprocess.STDOUT,
            timeout=LIMIT_SECONDS,
            **as_account(account),
        )
        shown.seek(0)
        printed = shown.read().decode(errors="replace")
    assert done.returncode == 0, f"{script}\nended with {done.returncode}:\n{printed}"
    return printed
