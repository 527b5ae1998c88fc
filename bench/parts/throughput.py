"""Throughput beside the peers: the same small job, each peer alone, on one bus, one database and one machine.

The records lie on their topic before a peer is started. Its clock starts with its first record, so that nobody's
start-up, imports and group join count, and stops when its last result can be read from the bus. Then every result is
read, and must be the right one, once.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench import first, job
from bench.frame import Bench, median
from bench.machine import busy
from bench.peers import environments
from bench.peers.table import PEERS, Peer
from bench.records import watching
from bench.servers import Servers

TITLE = "Throughput against the peers"
WARM_UP_SHARE = 10
BUSY_CORES = 0.1
"""More than that at work for others, and a figure is marked."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One run of one peer. `error`: why it has no figure."""

    events_a_second: float = 0.0
    second_half: float = 0.0
    """Events a second from the middle of the results to their end, when everything has warmed up."""
    peak_mib: float = 0.0
    elsewhere: float = 0.0
    """Cores that worked for others meanwhile."""
    processor_us: float = 0.0
    """Processor time an event, in microseconds: of the peer from its start-up on, of bus, store and benchmark."""
    error: str = ""


async def run(bench: Bench) -> Mapping[str, Any]:
    """Every peer, as often as was asked for, in rounds, so that no peer always comes first."""
    load = job.make_load(bench.options.records)
    bench.say(f"{len(load.records):,} records of {load.mean_bytes:.0f} bytes, {len(load.expected):,} of them distinct")
    found: dict[str, list[Measured]] = defaultdict(list)
    async with bench.servers() as servers:
        await _warm_up(bench, servers)
        for number in range(bench.options.repeat):
            for peer in PEERS:
                measured = await _try(servers, peer, load)
                found[peer.name].append(measured)
                bench.say(f"round {number + 1}: {peer.title}: {_figures(measured)}")
    _show(bench, found)
    return _sections(found)


async def _warm_up(bench: Bench, servers: Servers) -> None:
    """A small round that does not count: bus and database are compiled and cached, the peers' environments made."""
    load = job.make_load(bench.options.records // WARM_UP_SHARE)
    for peer in PEERS:
        measured = await _try(servers, peer, load)
        if measured.error:
            bench.say(f"warming up: {peer.title}: {measured.error}")


async def _try(servers: Servers, peer: Peer, load: job.Load) -> Measured:
    """One run; what goes wrong is the peer's result, and the others go on."""
    try:
        return await _measure(servers, peer, load)
    except Exception as error:  # whatever a peer does is reported, none is left out
        return Measured(error=f"{type(error).__name__}: {error}")


async def _measure(servers: Servers, peer: Peer, load: job.Load) -> Measured:
    await servers.fresh_topics(*peer.topics)
    await servers.load(job.REPORTS, load.records)
    noted = servers.folder / "first"
    noted.unlink(missing_ok=True)
    async with (
        watching(servers.bootstrap_servers, job.RESULTS) as watch,
        peer.start(servers, {first.VARIABLE: str(noted)}) as process,
    ):
        results = len(load.records if peer.copies else load.expected)
        with busy() as machine:
            await watch.until(results, lambda: process.pid)
        last = job.check_copies(load, await watch.read()) if peer.copies else job.check(load, await watch.read())
        began, ended = float(noted.read_text()), watch.when(last)
        second_half = watch.pace_after(0.5, ended)
    records = len(load.records)
    processor_us = machine.our_seconds / records * 1e6
    return Measured(
        records / (ended - began), second_half, process.memory.peak_mib, machine.elsewhere_cores, processor_us
    )


def _show(bench: Bench, found: Mapping[str, list[Measured]]) -> None:
    ours = _median_of(found.get("afterward", []))
    rows = [_row(peer, found.get(peer.name, []), ours) for peer in PEERS]
    columns = ("", "events/s", "Afterward is ×", "second half", "processor µs", "peak MiB", "runs")
    bench.show(TITLE, columns, rows)


def _row(peer: Peer, runs: Sequence[Measured], ours: float | None) -> tuple[object, ...]:
    speed, emitted = _median_of(runs), "; ".join(map(_figures, runs))
    if speed is None:
        return peer.title, "failed", "", "", "", "", emitted
    times = "" if ours is None else f"{ours / speed:.2f}"
    peak = max(run.peak_mib for run in runs)
    second_half, processor = (median(getattr(run, what) for run in runs) for what in ("second_half", "processor_us"))
    return peer.title, speed, times, second_half, processor, round(peak), emitted


def _figures(run: Measured) -> str:
    if run.error:
        return run.error
    busy = f" ({run.elsewhere:.1f} cores busy elsewhere)" if run.elsewhere > BUSY_CORES else ""
    return f"{run.events_a_second:,.0f}{busy}"


def _sections(found: Mapping[str, list[Measured]]) -> Mapping[str, Any]:
    good = {name: runs for name, runs in found.items() if _median_of(runs) is not None}
    return {
        "versions": environments.versions(),
        "throughput": {name: _median_of(runs) for name, runs in found.items()},
        "throughput_second_half": {name: median(run.second_half for run in runs) for name, runs in good.items()},
        "throughput_processor_us": {name: median(run.processor_us for run in runs) for name, runs in good.items()},
        "throughput_peak_mib": {name: round(max(run.peak_mib for run in runs)) for name, runs in good.items()},
        "throughput_busy_elsewhere": {name: [run.elsewhere for run in runs] for name, runs in good.items()},
        "throughput_runs": {
            name: [round(run.events_a_second) if not run.error else run.error for run in runs]
            for name, runs in found.items()
        },
    }


def _median_of(runs: Sequence[Measured]) -> float | None:
    """Of the runs that came to an end; None where one did not: half a figure is none."""
    if not runs or any(run.error for run in runs):
        return None
    return median(run.events_a_second for run in runs)
