"""How a command that checks says what it has found: a line for each thing to standard error, and its exit code."""

import sys
from collections.abc import Collection


def complain(sentences: Collection[str]) -> int:
    """The exit code: 1 if there is anything to be said, else 0."""
    sys.stderr.writelines(f"{sentence}\n" for sentence in sentences)
    return 1 if sentences else 0
