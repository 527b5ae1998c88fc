"""One replica after the other is killed, and started again, while something else goes on.

The next one is killed once the last is ready again: never both of a process, and no faster than a slow machine can
follow.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle

from chassis.clock import monotonic
from tests.deploy.composed import PROCESSES, READY_SECONDS, Composed, Failed, run

AWAY_SECONDS = 2.0
PAUSE_SECONDS = 3.0
LOOK_SECONDS = 1.0


@contextmanager
def each_in_turn(system: Composed) -> Iterator[list[str]]:
    """While the block lasts; gives the list of the containers that have been killed.

    Raises Failed at its end, where a process was left out as well: the block was over too soon to show anything of it.
    """
    ended, killed, wrong = threading.Event(), list[str](), list[Failed]()
    victims = [name for replica in (0, 1) for process in PROCESSES for name in system.containers(process)[replica:][:1]]

    def kill() -> None:
        for victim in cycle(victims):
            if ended.wait(PAUSE_SECONDS):
                return
            try:
                run(["docker", "kill", victim], system.environment)
                killed.append(victim)
                ended.wait(AWAY_SECONDS)
                run(["docker", "start", victim], system.environment)
                _until_ready(system, victim, ended)
            except Failed as error:
                wrong.append(error)
                return

    killer = threading.Thread(target=kill, name="killer")
    killer.start()
    try:
        yield killed
    finally:
        ended.set()
        killer.join()
    if wrong:
        raise wrong[0]
    if spared := set(victims[: len(PROCESSES)]) - set(killed):
        raise Failed(f"the story was over before these were killed: {', '.join(sorted(spared))}")


def _until_ready(system: Composed, container: str, ended: threading.Event) -> None:
    """Returns once its health check has passed, or when it no longer matters. Raises Failed when it never does."""
    until = monotonic() + READY_SECONDS
    while system.inspected(container)["State"]["Health"]["Status"] != "healthy":
        if ended.wait(LOOK_SECONDS):
            return
        if monotonic() > until:
            raise Failed(f"{container} was killed, started again, and is not ready after {READY_SECONDS} s")
