"""The whole system as `deploy/compose.yaml` has it, in a compose project of its own, with secrets of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from chassis.clock import VirtualTime
from schemas.services import EVERY_SERVICE
from tests.architecture.sample_repo import ROOT

PROJECT: Final = "afterward-check"
PROCESSES: Final = (*EVERY_SERVICE, "contact-delivery-worker")
BEGINS: Final = datetime(2019, 12, 1, tzinfo=UTC)
"""What the clock shows before a story sets it."""
READY_SECONDS: Final = 900
COMMAND_SECONDS: Final = 300
DEPLOY: Final = ROOT / "deploy"
COMMAND_LINE: Final = (sys.executable, "-m", "afterward.cli")


class Failed(Exception):
    """A command ended badly; the message is the command and the end of what it wrote."""


class Composed:
    """One system in `folder`: secrets, clock and context are made there. `replicas`: of each process, or as written."""

    def __init__(self, folder: Path, replicas: int | None = None) -> None:
        self.folder, self._replicas = folder, replicas
        self._clock = folder / "clock"
        self.environment: Mapping[str, str] = {
            **os.environ,
            "AFTERWARD_CLOCK": str(self._clock),
            "AFTERWARD_SECRETS": str(folder / "secrets"),
            "COMPOSE_FILE": os.pathsep.join(str(DEPLOY / name) for name in ("compose.yaml", "compose.demo.yaml")),
            "COMPOSE_PROJECT_NAME": PROJECT,
            "XDG_CONFIG_HOME": str(folder / "config"),
        }

    def up(self) -> None:
        """Returns when every process is ready. Raises Failed, with what the containers wrote last."""
        run([str(DEPLOY / "secrets.sh")], self.environment)
        self.environment = {**self.environment, **self._lacking()}
        self._clock.mkdir(mode=0o755, exist_ok=True)
        file = self._clock / "clock.json"
        file.unlink(missing_ok=True)
        VirtualTime(file).step_to(BEGINS, 0)
        file.chmod(0o644)
        scale = [f"--scale={name}={self._replicas}" for name in PROCESSES] if self._replicas else []
        try:
            self._compose("up", "--detach", "--wait", "--wait-timeout", str(READY_SECONDS), *scale)
        except Failed as error:
            raise Failed(f"{error}\n{self._compose('logs', '--tail=20', '--no-color')}") from None

    def _lacking(self) -> Mapping[str, str]:
        """Variables for what the image of PostgreSQL lacks. Raises Failed."""
        lines = run([str(DEPLOY / "postgres" / "abilities.sh")], self.environment).splitlines()
        return {name: value for name, _, value in (line.partition("=") for line in lines)}

    def context(self) -> str:
        """The name of a context that verbs find with `environment`. Raises Failed."""
        written = run([str(DEPLOY / "context.sh")], self.environment)
        file = self.folder / "cluster.toml"
        file.write_text(f'clock_file = "{self._clock / "clock.json"}"\n\n{written}')
        run([*COMMAND_LINE, "context", "add", PROJECT, "--file", str(file)], self.environment)
        return PROJECT

    def down(self) -> None:
        """Ends everything and forgets what it kept."""
        self._compose("--profile", "metrics", "down", "--volumes", "--timeout", "20")

    def containers(self, process: str) -> list[str]:
        """The names of the containers of a process, in order. Raises Failed."""
        listed = self._compose("ps", "--all", "--format", "{{.Name}}", process)
        return sorted(listed.split())

    def inspected(self, container: str) -> dict[str, Any]:
        """What the engine knows of a container. Raises Failed."""
        found: dict[str, Any] = json.loads(run(["docker", "inspect", container], self.environment))[0]
        return found

    def figures(self) -> str:
        """Memory and processor of each container now, a line each."""
        form = "{{.Name}}\t{{.MemUsage}}\t{{.CPUPerc}}"
        names = [name for process in (*PROCESSES, "kafka", "postgres") for name in self.containers(process)]
        return run(["docker", "stats", "--no-stream", "--format", form, *names], self.environment)

    def _compose(self, *arguments: str) -> str:
        return run(["docker", "compose", *arguments], self.environment, limit_seconds=READY_SECONDS + 60)


def engine_missing() -> str | None:
    """Why nothing can run in containers here; None when it can."""
    for command in (["docker", "compose", "version"], ["docker", "info", "--format", "{{.ServerVersion}}"]):
        try:
            run(command, os.environ, limit_seconds=30)
        except FileNotFoundError:
            return "no command docker was found"
        except Failed as error:
            return str(error)
    return None


def run(command: Sequence[str], environment: Mapping[str, str], limit_seconds: float = COMMAND_SECONDS) -> str:
    """What a command writes. Raises Failed."""
    try:
        ended = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=limit_seconds, check=False
        )
    except subprocess.TimeoutExpired:
        raise Failed(f"{' '.join(command)}: no end within {limit_seconds:g} s") from None
    if ended.returncode != 0:
        raise Failed(f"{' '.join(command)}: {ended.returncode}\n{(ended.stdout + ended.stderr)[-4000:]}")
    return ended.stdout
