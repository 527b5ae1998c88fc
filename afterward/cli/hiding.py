"""Passwords leave the command line: whoever lists the processes of a machine reads every command line."""

import os
import sys


def begin_again_without(dsn: str | None, variable: str, option: str = "--postgres") -> None:
    """Where `dsn` was given as an option, begins this command again with it in the environment, under `variable`."""
    shown = {option, dsn, f"{option}={dsn}"}
    if dsn is None or not shown.intersection(sys.argv[1:]):
        return
    rest = [word for word in sys.argv[1:] if word not in shown]
    os.execve(  # noqa: S606 - ourselves
        sys.executable, [sys.executable, "-m", "afterward.cli", *rest], {**os.environ, variable: dsn}
    )
