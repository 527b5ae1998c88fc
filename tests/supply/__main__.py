"""`make audit`: licences of all that is pinned, weak code, secrets in the history, known holes.

`--offline` leaves known holes out: what the world finds out overnight is no fault of a change. Ends with 1 when
something is found that nobody has explained.
"""

import argparse
import sys
from collections.abc import Callable
from typing import Final

from tests.architecture.sample_repo import ROOT
from tests.supply.licences import excepted, exceptions, is_allowed
from tests.supply.parts import EVERYTHING, JAR_LOCKS, NODE_LOCKS, Part, jar_parts, licensed, node_parts, python_parts
from tests.supply.scanners import LOOKED_AT, Skipped, known_holes, secrets_in_history, weak_code


def wrong_licences() -> list[str]:
    """Parts whose licence is on no list, and exceptions that no part needs."""
    parts = everything_licensed()
    refused = {part.name for part in parts if not is_allowed(part.licence)}
    listed = {each["part"] for each in exceptions().get("licence", ())}
    return [
        *(
            f"{part.ecosystem} {part.name} {part.version}: {part.licence or 'no licence that has an SPDX identifier'}"
            for part in parts
            if part.name in refused and not excepted(part.name, part.licence)
        ),
        *(f"{name} is excepted, and need not be" for name in sorted(listed - refused)),
    ]


def everything_licensed() -> list[Part]:
    """Every part of every lock whose licence we can know: peers of the benchmarks are installed in no place of ours."""
    return [
        *licensed(python_parts(EVERYTHING)),
        *(part for lock in JAR_LOCKS for part in jar_parts(lock)),
        *(part for lock in NODE_LOCKS for part in node_parts(lock)),
    ]


CHECKS: Final[dict[str, Callable[[], list[str]]]] = {
    "licences": wrong_licences,
    "weak code (bandit)": lambda: weak_code(ROOT, LOOKED_AT, exceptions()["bandit"]),
    "secrets in the history (gitleaks)": lambda: secrets_in_history(ROOT),
    "known holes (pip-audit)": lambda: known_holes(EVERYTHING),
}


def main() -> int:
    """Runs every check, prints a line for each and one for each thing found; 1 when there was one."""
    parser = argparse.ArgumentParser(prog="python -m tests.supply", description=__doc__)
    parser.add_argument("--offline", action="store_true", help="without known holes")
    offline = parser.parse_args().offline
    failed = 0
    for name, check in CHECKS.items():
        if offline and check is CHECKS["known holes (pip-audit)"]:
            continue
        try:
            found = check()
        except Skipped as reason:
            print(f"{name}: skipped: {reason}")  # noqa: T201 - what it is run for
            continue
        print(f"{name}: {len(found) or 'nothing'}", *found, sep="\n  ")  # noqa: T201 - what it is run for
        failed += len(found)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
