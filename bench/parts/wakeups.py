"""Wake-ups: everybody is due at one midnight. Catch-up: an hour's reports lie there, and more keep coming."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from afterward.stack.supervisor import aggregates_of
from bench import job, plans
from bench.courses import at, case_id
from bench.frame import Bench, median
from bench.loads import slices
from bench.machine import Spent, medians
from bench.open_loop import distinct, open_loop
from bench.progress import Begun, Pace, count, until
from bench.seeding import copied, judged_row, settle, store_copies
from bench.servers import Servers
from chassis.clock import VirtualTime, monotonic

TITLE = "Wake-ups and catch-up"

FOLLOWUP = "services.followup.app:app"
TREATMENT = "services.treatment.app:app"
A_SECOND = 1_000
"""Reports a second that came while the service was away, and that go on coming."""
AN_HOUR = 3_600 * A_SECOND
KEEP_COMING_SECONDS = 300
CAUGHT_UP_WITHIN = A_SECOND // 2
"""Records: no more of them waits than comes in half a second."""
EMITTED_OF_EACH = 2
"""Events of a case at that midnight: a missed day, and the call that it asks for. Wake-ups may repeat, these do not."""
LIMIT_SECONDS = 3_600
LOOK_SECONDS = 0.1


async def run(bench: Bench) -> Mapping[str, Any]:
    """The sections `wakeups` and `catch_up`."""
    async with bench.servers() as servers:
        return {"wakeups": await _timers(bench, servers), "catch_up": await _catch_up(bench, servers)}


async def _timers(bench: Bench, servers: Servers) -> Mapping[str, Any]:
    """As many plans as records were asked for: nobody has logged anything, and a midnight passes."""
    due = bench.options.records
    seeded = await _plans(servers, due)
    runs = [await _midnight(servers, seeded, due) for _ in range(bench.options.repeat)]
    rows = [(due / each.seconds, each.events_a_second, each.seconds, each.peak_mib, each.spent.words) for each in runs]
    columns = ["cases/s", "events/s", "seconds", "peak MiB", "machine", "µs a case: ours", "PostgreSQL", "bus"]
    shown = [(*row, *each.spent.microseconds(due).values()) for row, each in zip(rows, runs, strict=True)]
    bench.show(f"followup: {due:,} cases due at one midnight", columns, shown)
    return {
        "due": due,
        "cases_a_second": median(row[0] for row in rows),
        "events_a_second": median(row[1] for row in rows),
        "seconds": median(row[2] for row in rows),
        "peak_rss_mib": round(max(row[3] for row in rows)),
        **medians([each.spent for each in runs], due),
    }


async def _plans(servers: Servers, number: int) -> str:
    """The DSN of a database with so many plans that began on one day."""
    dsn = await servers.fresh_database("followup")
    row = await judged_row(dsn, "followup", aggregates_of("followup"), plans.home_today())
    await store_copies(dsn, ((row, case_id(place)) for place in range(number)))
    await settle(dsn)
    return dsn


async def _midnight(servers: Servers, seeded: str, due: int) -> Pace:
    """From the step of the clock over the midnight after day 1 until everybody has been judged once."""
    await servers.fresh_topics()
    clock_file = servers.folder / "clock-midnight.json"
    clock_file.unlink(missing_ok=True)
    clock = VirtualTime(clock_file)
    clock.step_to(at(1, 23), 0)
    dsn = await copied(servers, seeded)
    async with servers.service(FOLLOWUP, dsn, name="followup", clock_file=clock_file) as process:
        begun = await Begun.now([process])
        emitted = begun.counts[0].emitted + EMITTED_OF_EACH * due
        clock.step_to(at(2) + timedelta(seconds=1), 0)
        ended = await until(process, lambda now: now.emitted >= emitted, LIMIT_SECONDS)
        woken = begun.pace([ended])
    await servers.drop_database(dsn)
    return woken


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """How a service caught up, from its first look at the bus on. `records`: judged meanwhile."""

    spent: Spent
    records: int
    peak_mib: float

    @property
    def seconds(self) -> float:
        """By the clock on the wall."""
        return self.spent.seconds

    @property
    def a_second(self) -> float:
        """Records judged, a second."""
        return self.records / self.seconds

    @property
    def an_hours(self) -> float:
        """Seconds that an hour's backlog takes at this pace, while as much as ever keeps coming."""
        return AN_HOUR / (self.a_second - A_SECOND) if self.a_second > A_SECOND else float("inf")


async def _catch_up(bench: Bench, servers: Servers) -> Mapping[str, Any]:
    backlog = AN_HOUR if bench.options.full else 2 * bench.options.records
    times = 1 if bench.options.full else bench.options.repeat
    runs = [await _away(servers, backlog) for _ in range(times)]
    bench.show(
        f"treatment: a backlog of {backlog:,} reports, {A_SECOND:,} a second keep coming",
        ["seconds", "records/s", "an hour's, in seconds", "peak MiB", "machine"],
        [(each.seconds, each.a_second, each.an_hours, each.peak_mib, each.spent.words) for each in runs],
    )
    return {
        "backlog": backlog,
        "seconds": median(each.seconds for each in runs),
        "seconds_runs": [round(each.seconds, 1) for each in runs],
        "records_a_second": median(each.a_second for each in runs),
        "seconds_for_an_hours_backlog": median(each.an_hours for each in runs),
        "measured_with_an_hours_backlog": backlog == AN_HOUR,
        "peak_rss_mib": round(max(each.peak_mib for each in runs)),
        **medians([each.spent for each in runs], round(median(each.records for each in runs))),
    }


async def _away(servers: Servers, backlog: int) -> CaughtUp:
    """A service comes back to a backlog, while reports keep coming as they did."""
    await servers.fresh_topics()
    dsn = await servers.fresh_database("treatment")
    for part in slices(backlog):
        await servers.load(job.REPORTS, part)
    keep_coming = distinct(A_SECOND * KEEP_COMING_SECONDS, seed=1)
    async with servers.service(TREATMENT, dsn) as process, open_loop(servers) as loop:
        begun = await Begun.now([process])
        coming = asyncio.create_task(loop.send(keep_coming, A_SECOND))
        deadline = monotonic() + LIMIT_SECONDS
        while (now := await count(process)).records < backlog + len(loop.meant_at) - CAUGHT_UP_WITHIN:
            if coming.done() or monotonic() > deadline:
                raise TimeoutError(f"{now} after a backlog of {backlog:,}: it does not catch up")
            await asyncio.sleep(LOOK_SECONDS)
        pace = begun.pace([now])
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)
    await servers.drop_database(dsn)
    return CaughtUp(pace.spent, pace.records, pace.peak_mib)
