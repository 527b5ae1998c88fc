"""The call centre of the integrators' page as a process that somebody types to and reads."""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import pytest

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "callcentre"
LIMIT_SECONDS = 120
PROMPT = "reached, no_answer, wrong_number, refused?"


class Program:
    """A call centre that runs. `lines`: all that it has printed as far as it was read."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.lines: list[str] = []
        self._waiting: list[str] = []

    async def prints(self, words: str) -> None:
        """Takes the next line that begins with these words; lines before it wait, for news of the topic may come
        sooner or later. Fails with what it printed instead."""
        assert self._process.stdout is not None
        if found := next((line for line in self._waiting if line.startswith(words)), None):
            self._waiting.remove(found)
            return
        try:
            async with asyncio.timeout(LIMIT_SECONDS):
                while read := await self._process.stdout.readline():
                    self.lines.append(read.decode().rstrip())
                    if self.lines[-1].startswith(words):
                        return
                    self._waiting.append(self.lines[-1])
        except TimeoutError:
            pytest.fail(f"it did not print {words!r} in {LIMIT_SECONDS} s, but:\n" + "\n".join(self.lines))
        pytest.fail(f"it ended without {words!r}:\n" + "\n".join(self.lines))

    async def is_typed(self, answer: str) -> None:
        """Somebody answers what it asks next."""
        await self.prints(PROMPT)
        assert self._process.stdin is not None
        self._process.stdin.write(f"{answer}\n".encode())
        await self._process.stdin.drain()


@asynccontextmanager
async def running(command: list[str], settings: Mapping[str, str]) -> AsyncIterator[Program]:
    """A call centre with these settings alone; it is killed at the end, whatever it does then."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        *command,
        env={**kept, "PYTHONUNBUFFERED": "1", "KAFKAJS_NO_PARTITIONER_WARNING": "1", **settings},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield Program(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def in_python() -> list[str]:
    """What starts the one in Python."""
    return [sys.executable, str(EXAMPLE / "callcentre.py")]


def in_node(folder: Path) -> list[str]:
    """What starts the one in Node, with what its lock file says, in a folder of its own. Skips where that cannot be;
    fails where `CI` says that it must."""
    absent = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
    if not (shutil.which("node") and shutil.which("npm")):
        absent("node and npm were not found: the call centre in Node was not run")
    for file in (*EXAMPLE.glob("*.mjs"), *EXAMPLE.glob("package*.json")):
        shutil.copy(file, folder)
    install = ["npm", "ci", "--no-fund", "--no-audit", "--loglevel=error"]
    done = subprocess.run(install, cwd=folder, capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False)
    if done.returncode:
        absent(f"npm cannot install what the call centre in Node needs: {done.stderr.strip()}")
    return ["node", str(folder / "callcentre.mjs")]


def report_id(name: str, call_id: str, attempt: int) -> str:
    """The id under which the call centre of this name reports a call, as its page says."""
    return str(uuid5(uuid5(NAMESPACE_URL, f"https://callcentre.example/{name}"), f"{call_id}/{attempt}"))
