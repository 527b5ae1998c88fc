"""`python -m bench.page`: the results in `docs/performance.md`, and what follows for machines in `sizing.md`.

Both are written from `bench/results/latest.json`.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from bench.peers.table import PEERS
from bench.results import newest
from bench.sizing import sizes
from bench.targets import TARGETS, Results, Target

_DOCS = Path(__file__).parent.parent / "docs"
BEGIN, END = "<!-- generated:results -->\n", "<!-- /generated -->\n"
HEAD = "| part (`ONLY=`) | figure | measured | asked | |\n|---|---|---|---|---|\n"


def with_results(page: str, shown: str) -> str:
    """The page with this between its marks. Raises ValueError when it has no place for it."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the page has no place for results, which begins with {BEGIN!r} and ends with {END!r}")
    return f"{before}{begin}{shown}{end}{after}"


def table(results: Results) -> str:
    """Where and when it was measured, then the targets, then figures without one."""
    if not results.get("measured"):
        return "Nothing has been measured in this way yet.\n"
    rows = [*(_of_target(target, results) for target in TARGETS), *_peers(results), *_scale_out(results)]
    shown = "".join(f"| {' | '.join(row)} |\n" for row in rows)
    return f"{_where(results)}\n\n{HEAD}{shown}"


def _where(results: Results) -> str:
    parts = "; ".join(
        f"`{part['command']}` {part['commit']}, {part['date']}, {part['calibration_us']:g} µs"
        for _, part in sorted(results["measured"].items())
        if "calibration_us" in part
    )
    return f"{results['cores']} cores. Each part with its commit, day and calibration: {parts}."


def _of_target(target: Target, results: Results) -> tuple[str, ...]:
    value, verdict = _number(target.value(results), target.unit), target.verdict(results)
    shown = f"({value})" if verdict.startswith("not judged") else value
    sense = "≤" if target.sense == "at most" else "≥"
    return target.part, target.what, shown, f"{sense} {_number(target.asked, target.unit)}", verdict


def _peers(results: Results) -> Iterator[tuple[str, ...]]:
    for peer in PEERS:
        section = results.get("throughput", {}).get(peer.name)
        if not section:
            continue
        if "failed" in section:
            yield "throughput", peer.title, "failed", "", ""
            continue
        used = " + ".join(f"{micros:g}" for micros in section["processor_us"].values())
        times = results["throughput_ratios"].get(peer.name, {}).get("processor")
        shown = f"{used} µs" + ("" if times is None else f", {times:g} × ours")
        rate = f"{section['records_a_second']:,.0f} a second" if section["quiet"] else "the machine was busy"
        yield "throughput", f"{peer.title}: processor time of its process + PostgreSQL + bus", shown, "", rate


def _scale_out(results: Results) -> Iterator[tuple[str, ...]]:
    for number, section in results.get("scale_out", {}).items():
        used = " + ".join(f"{micros:g}" for micros in section["processor_us"].values())
        rate = f"{section['messages_a_second']:,.0f} a second" if section["quiet"] else "the machine was busy"
        limits = " or ".join(sorted(set(section["limits"])))
        yield "scale_out", f"treatment, processes: {number}; limit: {limits}", f"{used} µs", "", rate


def _number(value: Any, unit: str) -> str:
    if value is None:
        return "–"
    figure = f"{value:,.0f}" if value >= 100 else f"{value:g}"
    return f"{figure} {unit}".rstrip()


PAGES: Mapping[Path, Callable[[Results], str]] = {
    _DOCS / "performance.md": table,
    _DOCS / "operations" / "sizing.md": sizes,
}

if __name__ == "__main__":
    for path, shown in PAGES.items():
        path.write_text(with_results(path.read_text(), shown(newest())))
