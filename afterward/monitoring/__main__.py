"""Writes what is generated for whoever watches the system, or with `--check` says what has drifted.

python -m afterward.monitoring            writes the table of metrics, the dashboards, and the chart's copies of all
python -m afterward.monitoring --check    writes nothing; exits 1 and names every file that differs
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any, Final

from afterward.monitoring.dashboards import DASHBOARDS
from afterward.monitoring.pages import labels_table, metrics_table
from afterward.monitoring.panels import as_json
from schemas.generate import with_section
from schemas.publishing.complaints import complain

ROOT: Final = Path(__file__).parents[2]
COMMAND: Final = "python -m afterward.monitoring"
GRAFANA: Final = ROOT / "deploy" / "grafana" / "dashboards"
RULES: Final = ROOT / "deploy" / "prometheus" / "alerts.yml"
CHART: Final = ROOT / "deploy" / "helm" / "afterward" / "files" / "monitoring"
"""Copies for the chart, which reads no file outside its folder."""
PAGE: Final = ROOT / "docs" / "operations" / "metrics.md"


def main(arguments: list[str] | None = None) -> int:
    """The exit code: 0 when all is written, or nothing has drifted; 1 otherwise, with a line for each file."""
    parser = argparse.ArgumentParser(prog=COMMAND, description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a file has drifted")
    check = parser.parse_args(arguments).check
    drifted = {path: text for path, text in generated().items() if _text(path) != text}
    if check:
        return complain([f"{path.relative_to(ROOT)} has drifted: run `{COMMAND}`" for path in drifted])
    for path, text in drifted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return 0


def generated() -> dict[Path, str]:
    """Every file that is generated, whole or in part, with the text that it should have."""
    page = with_section(_text(PAGE), "metrics", metrics_table())
    files = {PAGE: with_section(page, "labels", labels_table())}
    files |= {GRAFANA / f"{name}.json": _as_text(as_json(one)) for name, one in DASHBOARDS.items()}
    files |= {CHART / path.name: text for path, text in files.items() if path.parent == GRAFANA}
    return {**files, CHART / RULES.name: _text(RULES)}


def _as_text(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


if __name__ == "__main__":
    sys.exit(main())
