"""A dashboard as a picture: its panels where Grafana lays them, with the data that its own queries gave."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple
from xml.sax.saxutils import escape

CELL_WIDTH, CELL_HEIGHT, GAP, HEAD = 50, 28, 6, 44
"""Of a cell of Grafana's grid, between two panels, and above the first: pixels."""
PALETTE: Final = ("#3274d9", "#e0752d", "#37872d", "#c4162a", "#8f3bb8", "#b8860b", "#0a7ea4", "#6c757d")
LEGENDS: Final = 4
LETTER: Final = 6.2
"""Width of a letter of a legend, with what stands around it: pixels."""
_UNITS: Final = {"s": " s", "ops": "/s", "short": ""}


class Line(NamedTuple):
    """`points`: instants, in seconds, and values."""

    legend: str
    points: Sequence[tuple[float, float]]


def picture(dashboard: Mapping[str, Any], lines: Mapping[int, Sequence[Line]], caption: str) -> str:
    """The dashboard as SVG; `lines`: id of a panel → what its queries gave."""
    panels = [panel for panel in dashboard["panels"] if panel["type"] != "row"]
    height = HEAD + CELL_HEIGHT * max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in panels) + GAP
    width = 24 * CELL_WIDTH
    body = "\n".join(part for panel in panels for part in _panel(panel, lines.get(panel["id"], ())))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif">\n'
        f'<rect width="{width}" height="{height}" fill="#f4f5f5"/>\n'
        f'<text x="{GAP + 6}" y="20" font-size="16" font-weight="bold">{escape(dashboard["title"])}</text>\n'
        f'<text x="{GAP + 6}" y="36" font-size="11" fill="#555">{escape(caption)}</text>\n{body}\n</svg>\n'
    )


def _panel(panel: Mapping[str, Any], lines: Sequence[Line]) -> Iterator[str]:
    place = panel["gridPos"]
    x, y = place["x"] * CELL_WIDTH + GAP / 2, HEAD + place["y"] * CELL_HEIGHT + GAP / 2
    width, height = place["w"] * CELL_WIDTH - GAP, place["h"] * CELL_HEIGHT - GAP
    unit = _UNITS[panel["fieldConfig"]["defaults"]["unit"]]
    yield f'<g transform="translate({x:.0f} {y:.0f})">'
    yield f'<rect width="{width}" height="{height}" fill="#fff" stroke="#d8d9da" rx="3"/>'
    yield f'<text x="8" y="17" font-size="12" font-weight="bold">{escape(panel["title"])}</text>'
    if panel["type"] == "stat":
        last = lines[0].points[-1][1] if lines and lines[0].points else math.nan
        where = f'x="{width / 2:.0f}" y="{height - 22}" font-size="34" text-anchor="middle"'
        yield f"<text {where}>{shown(last)}{unit}</text>"
    else:
        yield from _chart(sorted(lines, key=_highest, reverse=True), width, height, unit)
    yield "</g>"


def _chart(lines: Sequence[Line], width: int, height: int, unit: str) -> Iterator[str]:
    left, right, top, bottom = 52, width - 10, 30, height - 40
    instants = [at for line in lines for at, _ in line.points]
    if not instants:
        return
    highest = ceiling(max(value for line in lines for _, value in line.points))
    begin, span = min(instants), max(max(instants) - min(instants), 1.0)
    for share in (0.0, 0.5, 1.0):
        y = bottom - share * (bottom - top)
        yield f'<path d="M{left} {y:.1f}H{right}" stroke="#eee"/>'
        where = f'x="{left - 4}" y="{y + 3:.1f}" font-size="9" fill="#555" text-anchor="end"'
        yield f"<text {where}>{shown(share * highest)}{unit}</text>"
    for number, line in enumerate(lines):
        way = " ".join(
            f"{left + (at - begin) / span * (right - left):.1f},{bottom - value / highest * (bottom - top):.1f}"
            for at, value in line.points
        )
        yield f'<polyline points="{way}" fill="none" stroke="{_colour(number)}" stroke-width="1.5"/>'
    yield from _legend(lines, width, height)


def _legend(lines: Sequence[Line], width: int, height: int) -> Iterator[str]:
    each = (width - 16) / min(LEGENDS, len(lines))
    for number, line in enumerate(lines[:LEGENDS]):
        legend = line.legend
        if number == LEGENDS - 1 and len(lines) > LEGENDS:
            legend = f"and {len(lines) - number} more"
        legend = legend if len(legend) <= each / LETTER else f"{legend[: int(each / LETTER) - 1]}…"
        x = 8 + number * each
        yield f'<rect x="{x:.0f}" y="{height - 20}" width="9" height="3" fill="{_colour(number)}"/>'
        yield f'<text x="{x + 13:.0f}" y="{height - 15}" font-size="9">{escape(legend)}</text>'


def _highest(line: Line) -> float:
    return max(value for _, value in line.points)


def _colour(number: int) -> str:
    return PALETTE[number % len(PALETTE)]


def ceiling(value: float) -> float:
    """The next of 1, 2, 5, 10, … that is not below; 1 for nothing."""
    if value <= 0:
        return 1.0
    power: float = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= value)


def shown(value: float) -> str:
    """A number as short as may be."""
    return "–" if math.isnan(value) else f"{value:.3g}"
