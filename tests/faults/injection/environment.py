"""What is done to a service before it starts: a point at which it dies, a part broken on purpose, workers that dawdle.

Everything is named by the environment of the forked process, and patched there only.
"""

from collections.abc import Mapping
from pathlib import Path

DIE_AT, ARMED_BY = "FAULTS_DIE_AT", "FAULTS_ARMED_BY"
BROKEN = "FAULTS_BROKEN"
DAWDLE = "FAULTS_DAWDLE_MS"


def dying_at(point: str, which: int | str, armed_by: Path) -> dict[str, str]:
    """The environment of a process that dies at a hit of a point: see `tests.faults.injection.failpoints.Fuse`."""
    return {DIE_AT: f"{point}#{which}", ARMED_BY: str(armed_by)}


def break_as_asked(environment: Mapping[str, str]) -> None:
    """Patches what the environment names: bad luck, then a point, then a broken part that has them within it."""
    # Imported here: whoever only asks for a break imports no service.
    from tests.faults.injection.dawdling import dawdling  # noqa: PLC0415
    from tests.faults.injection.failpoints import POINTS, Fuse  # noqa: PLC0415
    from tests.faults.injection.variants import VARIANTS  # noqa: PLC0415

    if longest_ms := environment.get(DAWDLE):
        dawdling(float(longest_ms))
    if asked := environment.get(DIE_AT):
        point, _, which = asked.partition("#")
        POINTS[point](Fuse(which, Path(environment[ARMED_BY])))
    if broken := environment.get(BROKEN):
        VARIANTS[broken]()
