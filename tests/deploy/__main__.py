"""`make containers`, or `python -m tests.deploy`: the whole system from compose.yaml, both stories, the same figures.

    --story ward    this one only
    --kill          two replicas of every process, and one after the other is killed during the story
    --keep          the system of the last story is left running

Exit status: 0 when every figure agrees and every container is locked down; 1 otherwise, or without a Docker engine.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from chassis.clock import monotonic
from tests.deploy.composed import COMMAND_LINE, PROCESSES, Composed, Failed, engine_missing
from tests.deploy.killing import each_in_turn

STORIES = ("ward", "online")
SERVERS = ("kafka", "postgres")


def main() -> int:
    """Runs what was asked for; the exit status."""
    asked = _asked()
    if why := engine_missing():
        tell(f"make containers needs a Docker engine with compose, and there is none: {why}")
        return 1
    stories = [asked.story] if asked.story else list(STORIES)
    status = 0
    for story in stories:
        try:
            status |= _story(story, kill=asked.kill, stays=asked.keep and story == stories[-1])
        except Failed as error:
            tell(str(error))
            status = 1
    return status


def _story(name: str, *, kill: bool, stays: bool) -> int:
    """Runs a story on an empty system; 0 when its figures agree."""
    folder = Path(tempfile.mkdtemp(prefix="afterward-"))
    system = Composed(folder, replicas=2 if kill else None)
    try:
        began = monotonic()
        system.up()
        tell(f"{name}: every process is ready after {monotonic() - began:.0f} s")
        _check_locked_down(system)
        command = [*COMMAND_LINE, "demo", "--story", name, "--context", system.context()]
        killing: AbstractContextManager[list[str]] = each_in_turn(system) if kill else nullcontext([])
        with killing as killed:
            status = subprocess.run(command, env=system.environment, check=False).returncode
        tell(f"{name}: {'the figures agree' if status == 0 else 'THE FIGURES DIFFER'}; {len(killed)} kills")
        tell(system.figures())
        return int(status != 0)
    finally:
        if stays:
            tell(f"it is left running; its secrets, clock and context lie in {folder}")
        else:
            system.down()
            shutil.rmtree(folder)


def _check_locked_down(system: Composed) -> None:
    """Raises Failed unless every container is somebody unprivileged on a root file system that stays as it is."""
    for container in (name for process in (*PROCESSES, *SERVERS) for name in system.containers(process)):
        found = system.inspected(container)
        host = found["HostConfig"]
        wrong = {
            "runs as root": found["Config"]["User"] in ("", "0", "root"),
            "can write its root file system": not host["ReadonlyRootfs"],
            "has capabilities": host["CapDrop"] != ["ALL"] or host["CapAdd"],
            "may gain privileges": "no-new-privileges:true" not in (host["SecurityOpt"] or []),
            "takes as much memory as it likes": not host["Memory"],
        }
        if complaints := [what for what, is_so in wrong.items() if is_so]:
            raise Failed(f"{container} {', '.join(complaints)}")


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.deploy", description=__doc__)
    parser.add_argument("--story", choices=STORIES)
    parser.add_argument("--kill", action="store_true")
    parser.add_argument("--keep", action="store_true")
    return parser.parse_args()


def tell(line: str) -> None:
    """A line for whoever watches, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
