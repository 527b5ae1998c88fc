"""Rows of scenarios, run one after the other on one harness, each told and written down as soon as it is done."""

import shutil
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from afterward.context.idle import NotIdle
from afterward.stack.process import StartFailed
from chassis.clock import monotonic
from tests.faults import scenarios
from tests.faults.harness import Harness
from tests.faults.results_log import FOLDER, Entry, ResultsLog, commit, now, versions
from tests.faults.scenario import Outcome, Row, Scenario

LAST_LINES, LINE_LENGTH = 15, 240
"""Of what a process said that is told of when a row did not pass."""

Tell = Callable[[str], None]


def all_scenarios() -> Mapping[str, Scenario]:
    """Name → module, in alphabetical order."""
    names = sorted(module.name for module in iter_modules(scenarios.__path__))
    return {name: scenario_named(name) for name in names}


def scenario_named(name: str) -> Scenario:
    """Raises ModuleNotFoundError when there is none."""
    module: Any = import_module(f"tests.faults.scenarios.{name}")
    found: Scenario = module
    return found


async def run_rows(
    harness: Harness, chosen: Iterable[tuple[str, Row]], tell: Tell, results_log: ResultsLog | None = None
) -> list[Entry]:
    """Runs (scenario, row) after (scenario, row). What a row raises is its failure, and the next row is run."""
    entries = []
    for name, row in chosen:
        tell(f"… {name}, {row.name} (seed {row.seed}, commit {commit()}, {harness.servers.bus.name})")
        entry = await _run(harness, name, row)
        if results_log is not None:
            results_log.write(entry)
        tell(str(entry))
        for complaint in entry.complaints:
            tell(f"     {complaint}")
        if entry.verdict != "pass":
            _keep_logs(harness, FOLDER / "logs" / f"{name} {row.name} {harness.backend}", tell)
        entries.append(entry)
    return entries


async def _run(harness: Harness, name: str, row: Row) -> Entry:
    began = monotonic()
    try:
        outcome = await scenario_named(name).run(harness, row)
    except (NotIdle, TimeoutError, StartFailed, OSError, AssertionError, LookupError) as error:
        outcome = Outcome(0, 0, [f"{type(error).__name__}: {error}"])
    return Entry(
        scenario=name,
        row=row.name,
        seed=row.seed,
        commit=commit(),
        versions=versions(),
        bus=harness.servers.bus.name,
        faults=outcome.faults,
        in_flight=outcome.in_flight,
        verdict=outcome.verdict,
        complaints=outcome.complaints,
        notes=outcome.notes,
        seconds=round(monotonic() - began, 1),
        at=now(),
    )


def _keep_logs(harness: Harness, folder: Path, tell: Tell) -> None:
    """What every process said, in full in `folder`, its last words to whoever is told."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for log in (*harness.servers.folder.glob("*.log"), *(harness.servers.folder / "run").glob("*.log")):
        shutil.copy(log, folder)
        tell(f"     … {log.name} ends:")
        for line in log.read_text(errors="replace").splitlines()[-LAST_LINES:]:
            tell(f"       {line[:LINE_LENGTH]}")
