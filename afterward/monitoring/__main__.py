"""Writes what is generated for whoever watches the system, or with `--check` says what has drifted.

python -m afterward.monitoring            writes the table of metrics, and the chart's copies of the alert rules
python -m afterward.monitoring --check    writes nothing; exits 1 and names every file that differs
"""

import argparse
import sys
from pathlib import Path
from typing import Final

from afterward.monitoring.pages import labels_table, metrics_table
from schemas.generate import with_section

ROOT: Final = Path(__file__).parents[2]
COMMAND: Final = "python -m afterward.monitoring"
PAGE: Final = ROOT / "docs" / "operations" / "metrics.md"


def main(arguments: list[str] | None = None) -> int:
    """The exit code: 0 when all is written, or nothing has drifted; 1 otherwise, with a line for each file."""
    parser = argparse.ArgumentParser(prog=COMMAND, description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a file has drifted")
    check = parser.parse_args(arguments).check
    drifted = [(path, text) for path, text in generated().items() if _text(path) != text]
    for path, text in drifted:
        if check:
            sys.stderr.write(f"{path.relative_to(ROOT)} has drifted: run `{COMMAND}`\n")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return 1 if check and drifted else 0


def generated() -> dict[Path, str]:
    """Every file that is generated, whole or in part, with the text that it should have."""
    page = with_section(_text(PAGE), "metrics", metrics_table())
    return {PAGE: with_section(page, "labels", labels_table())}


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


if __name__ == "__main__":
    sys.exit(main())
