"""What a container of the one image runs: a service by its name, or a command of the command line.

`python -m chassis.process.container intake` becomes that service; `… afterward migrate intake` becomes that verb.
"""

import os
import sys
from collections.abc import Sequence
from ipaddress import IPv4Address
from typing import Final

from schemas.services import EVERY_SERVICE

PORT: Final = 8080
EVERY_ADDRESS: Final = str(IPv4Address(0))
"""A container has an address of its own; who reaches it is up to its network."""
APPLICATIONS: Final = {
    **{name: f"services.{name}.app:app" for name in EVERY_SERVICE},
    "contact-delivery-worker": "services.contact.delivery_worker_app:app",
}
"""Process → its FastStream application."""
COMMAND_LINE: Final = "afterward"


class NothingToRun(Exception):
    """The command of the container names neither a service nor the command line; the message lists them."""


def command(arguments: Sequence[str]) -> list[str]:
    """The arguments of Python for a container's command; options after a service's name go to `faststream run`.

    Raises NothingToRun.
    """
    name, *others = arguments or ("",)
    if name == COMMAND_LINE:
        return ["-m", "afterward.cli", *others]
    if name not in APPLICATIONS:
        raise NothingToRun(f"{name!r} is no process of Afterward: name {', '.join(APPLICATIONS)} or {COMMAND_LINE}")
    where = ["--host", EVERY_ADDRESS, "--port", str(PORT)]
    return ["-m", "faststream", "run", APPLICATIONS[name], *where, *others]


def main(arguments: Sequence[str]) -> None:
    """Becomes the process, so that a signal to the container reaches it and no other."""
    try:
        following = command(arguments)
    except NothingToRun as error:
        sys.exit(str(error))
    os.execv(sys.executable, [sys.executable, *following])  # noqa: S606 - ourselves


if __name__ == "__main__":
    main(sys.argv[1:])
