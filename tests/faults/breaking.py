"""What is done to a service before it starts: a point at which it dies, or a part of it that is broken on purpose.

The product has no such points and no switches: everything is patched onto its classes, in the forked process only.
"""

from collections.abc import Mapping

DIE_AT = "FAULTS_DIE_AT"
"""`<point>#<which hit>`, or `<point>#armed`: at the first hit once the file of ARMED_BY exists."""
ARMED_BY = "FAULTS_ARMED_BY"
BROKEN = "FAULTS_BROKEN"
"""The name of a broken variant."""


def break_as_asked(environment: Mapping[str, str]) -> None:
    """Patches what the environment names."""
