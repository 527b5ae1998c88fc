"""One replica after the other is killed, and started again, while something else goes on."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle

from tests.deploy.composed import PROCESSES, Composed, Failed, run

AWAY_SECONDS = 2.0
PAUSE_SECONDS = 3.0


@contextmanager
def each_in_turn(system: Composed) -> Iterator[list[str]]:
    """While the block lasts; gives the list of the containers that have been killed. Raises Failed at its end."""
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
