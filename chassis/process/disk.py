"""How full the disks are on which a stack keeps what it has promised to keep."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

WARN_AT_PERCENT: Final = 90
"""From here on there is time to make room; what a full disk stops goes on by itself once there is some again."""


def full_percent(folders: Sequence[Path]) -> int | None:
    """How full the fullest of the folders' disks is for whoever is not root; None where there is none to look at."""
    found = [percent for folder in folders if (percent := _full_percent(folder)) is not None]
    return max(found, default=None)


def warnings(percent: int | None) -> list[str]:
    """What an operator is to be told, in words; nothing while there is room."""
    if percent is None or percent < WARN_AT_PERCENT:
        return []
    return [f"the disk is {percent} % full: make room, or what is reported can no longer be stored"]


def _full_percent(folder: Path) -> int | None:
    try:
        disk = os.statvfs(folder)
    except OSError:
        return None
    used, free = disk.f_blocks - disk.f_bfree, disk.f_bavail
    return round(100 * used / (used + free)) if used + free else None
