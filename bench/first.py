"""When a peer saw its first record: the clock of a run starts there, so that nobody's start-up is counted.

Standard library only: the peers run in environments of their own.
"""

import os
import time
from pathlib import Path

VARIABLE = "BENCH_FIRST"
_file = os.environ.get(VARIABLE)


def first_record() -> None:
    """Writes down the instant, in seconds of the monotonic clock, the first time it is called."""
    global _file  # noqa: PLW0603 - once a process
    if _file is not None:
        Path(_file).write_text(str(time.monotonic()))
        _file = None
