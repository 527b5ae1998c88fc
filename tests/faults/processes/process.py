"""Services as processes of their own, forked from one that has imported everything: a start costs no interpreter.

`python -m tests.faults.processes.process` serves today's code, with the faults that a scenario asks for; the code of an
older release is served by `nest.py` alone (`tests.faults.processes.older`).
"""

import os
from importlib import import_module

from tests.faults.injection.environment import break_as_asked
from tests.faults.injection.pausing import hold_as_asked
from tests.faults.processes.nest import Start, run


def main() -> None:
    """Serves until the input ends."""
    import_module("tests.faults.injection.variants")
    run(_injected)


def _injected(start: Start) -> None:
    break_as_asked(os.environ)
    hold_as_asked(start.service, os.environ)


if __name__ == "__main__":
    main()
