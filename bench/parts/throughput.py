"""Throughput beside the peers: the same small job, each peer alone, on one bus, one database and one machine.

The records lie on their topic before a peer is started. What is measured lies between its first record and the moment
at which its last result can be read from the bus, so that nobody's start-up, imports and group join count. Then every
result is read, and must be the right one, once. Each round runs every peer, the next one in the opposite order, and
ratios are taken within a round: whatever else the machine does meanwhile, it does to both.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench import first, job
from bench.calibration import calibration
from bench.frame import Bench, median
from bench.machine import Spent, medians, metered
from bench.peers import environments
from bench.peers.table import PEERS, Peer
from bench.records import watching
from bench.servers import Servers

TITLE = "Throughput against the peers"
WARM_UP_SHARE = 10
AS_FAST = 1.1
"""How much slower the host may be before one run of a round than before the other, for their rates to be compared."""
OURS = "afterward"


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one peer.

    `second_half_a_second`: records from the middle of the results to their end, when everything has warmed up;
    `calibration_us`: what the fixed piece of work cost just before.
    """

    spent: Spent
    records: int
    second_half_a_second: float
    peak_mib: float
    calibration_us: float

    @property
    def a_second(self) -> float:
        """Records, by the clock on the wall."""
        return self.records / self.spent.seconds

    @property
    def processor_us(self) -> float:
        """Of processor time a record, all programs together."""
        return sum(used.processor for used in self.spent.used.values()) / self.records * 1e6

    @property
    def of_process(self) -> float:
        """Of processor time, the peer's own process."""
        return self.spent.used["ours"].processor


Failed = str
"""Why a run has no figures."""
Runs = Mapping[str, Sequence[Run | Failed]]


async def run(bench: Bench) -> Mapping[str, Any]:
    """Every peer, as often as was asked for, in rounds, so that no peer always comes first."""
    load = job.make_load(bench.options.records)
    bench.say(f"{len(load.records):,} records of {load.mean_bytes:.0f} bytes, {len(load.expected):,} of them distinct")
    found: dict[str, list[Run | Failed]] = defaultdict(list)
    async with bench.servers() as servers:
        await _warm_up(bench, servers)
        for number in range(bench.options.repeat):
            for peer in PEERS[:: -1 if number % 2 else 1]:
                found[peer.name].append(await _try(servers, peer, load))
                bench.say(f"round {number + 1}: {peer.title}: {_in_words(found[peer.name][-1])}")
    sections = summarised(found)
    _show(bench, sections)
    return {"versions": environments.versions(), **sections}


async def _warm_up(bench: Bench, servers: Servers) -> None:
    """A small round that does not count: bus and database are compiled and cached, the peers' environments made."""
    load = job.make_load(bench.options.records // WARM_UP_SHARE)
    for peer in PEERS:
        if isinstance(failed := await _try(servers, peer, load), Failed):
            bench.say(f"warming up: {peer.title}: {failed}")


async def _try(servers: Servers, peer: Peer, load: job.Load) -> Run | Failed:
    """One run; what goes wrong is the peer's result, and the others go on."""
    try:
        return await _measure(servers, peer, load)
    except Exception as error:  # whatever a peer does is reported, none is left out
        return f"{type(error).__name__}: {error}"


async def _measure(servers: Servers, peer: Peer, load: job.Load) -> Run:
    await servers.fresh_topics(*peer.topics)
    await servers.load(job.REPORTS, load.records)
    noted = servers.folder / "first"
    noted.unlink(missing_ok=True)
    calibrated = calibration()
    async with (
        metered(servers.programs) as meter,
        watching(servers.bootstrap_servers, job.RESULTS) as watch,
        peer.start(servers, {first.VARIABLE: str(noted)}) as process,
    ):
        results = len(load.records if peer.copies else load.expected)
        await watch.until(results, lambda: process.pid)
        meter.read()
        last = job.check_copies(load, await watch.read()) if peer.copies else job.check(load, await watch.read())
        began, ended = float(noted.read_text()), watch.when(last)
        half = watch.pace_after(0.5, ended)
        return Run(meter.between(began, ended), len(load.records), half, process.memory.peak_mib, calibrated)


def summarised(found: Runs) -> dict[str, Any]:
    """The sections `throughput` and `throughput_ratios`; a peer that failed once has no figures, half a one is none."""
    good = {name: list(_succeeded(runs)) for name, runs in found.items()}
    whole = {name: runs for name, runs in good.items() if runs and len(runs) == len(found[name])}
    failed = {name: {"failed": [run for run in found[name] if isinstance(run, Failed)]} for name in found}
    ours = whole.get(OURS, [])
    return {
        "throughput": {name: _section(whole[name]) if name in whole else failed[name] for name in found},
        "throughput_ratios": {name: _ratios(ours, theirs) for name, theirs in whole.items() if ours and name != OURS},
    }


def _succeeded(runs: Sequence[Run | Failed]) -> Sequence[Run]:
    return [run for run in runs if isinstance(run, Run)]


def _section(runs: Sequence[Run]) -> dict[str, Any]:
    return {
        "records_a_second": median(run.a_second for run in runs),
        "second_half_a_second": median(run.second_half_a_second for run in runs),
        **medians([run.spent for run in runs], runs[0].records),
        "calibration_us": median(run.calibration_us for run in runs),
        "peak_rss_mib": round(max(run.peak_mib for run in runs)),
        "runs": [
            {"records_a_second": round(run.a_second), "calibration_us": run.calibration_us}
            | run.spent.figures(run.records)
            for run in runs
        ],
    }


def _ratios(ours: Sequence[Run], theirs: Sequence[Run]) -> dict[str, Any]:
    """How many times ours the peer's processor time is, in all and of its process alone, and how many times theirs our
    rate: the medians over the rounds of what they were in each.

    A host that becomes slower between two runs of a round does so to the fixed piece of work as well: processor times
    are taken in units of it, and rates are those of a quiet machine only where it cost about the same before both.
    """
    rounds = [(our, their, our.calibration_us / their.calibration_us) for our, their in zip(ours, theirs, strict=True)]
    return {
        "processor": median(their.processor_us / our.processor_us * speed for our, their, speed in rounds),
        "process": median(their.of_process / our.of_process * speed for our, their, speed in rounds),
        "rate": median(our.a_second / their.a_second for our, their, _ in rounds),
        "quiet": all(
            our.spent.quiet and their.spent.quiet and 1 / AS_FAST <= speed <= AS_FAST for our, their, speed in rounds
        ),
    }


def _show(bench: Bench, sections: Mapping[str, Any]) -> None:
    rows = [_row(peer, sections["throughput"].get(peer.name), sections["throughput_ratios"]) for peer in PEERS]
    columns = ("", *PROGRAMS, "waited", "calibration", "× ours in all", "records/s", "ours is ×", "peak MiB", "machine")
    bench.show(
        "Microseconds of processor time a record, by program; rates of a busy machine in brackets", columns, rows
    )


PROGRAMS = ("ours", "postgresql", "broker")


def _row(peer: Peer, section: Mapping[str, Any] | None, ratios: Mapping[str, Any]) -> tuple[object, ...]:
    if section is None or "failed" in section:
        return peer.title, *[""] * 8, "failed"
    used, ratio = section["processor_us"], ratios.get(peer.name, {})
    quiet, times_as_fast = section["quiet"], ratio.get("rate", "")
    return (
        peer.title,
        *(used[program] for program in PROGRAMS),
        sum(section["waited_us"].values()),
        section["calibration_us"],
        ratio.get("processor", ""),
        section["records_a_second"] if quiet else f"({section['records_a_second']:,.0f})",
        times_as_fast if quiet or not ratio else f"({times_as_fast:g})",
        section["peak_rss_mib"],
        "quiet" if quiet else "busy",
    )


def _in_words(run: Run | Failed) -> str:
    if isinstance(run, Failed):
        return run
    used = " + ".join(f"{micros:g} {name}" for name, micros in run.spent.microseconds(run.records).items())
    return (
        f"{used} µs a record, calibration {run.calibration_us:g} µs; {run.a_second:,.0f} a second ({run.spent.words})"
    )
