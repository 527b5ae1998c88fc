"""The demo: Shanghai, autumn 2020, run on a whole stack from raw reports, and compared with what was published.

Its story lies beside this package in the repository, and in no wheel: where it is missing, there is no demo.
"""

import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]


def has_story() -> bool:
    """Whether this is a checkout with the demo's story; then it can be imported afterwards."""
    found = (REPOSITORY / "story" / "__init__.py").is_file()
    if found and str(REPOSITORY) not in sys.path:
        sys.path.append(str(REPOSITORY))
    return found
