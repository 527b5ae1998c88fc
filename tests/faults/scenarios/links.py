"""Bad links between the services and PostgreSQL, and between them and the bus: nobody hangs, all is made up for."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit, urlunsplit

from afterward.stack.ports import LOOPBACK, free_port
from tests.faults.harness import Harness
from tests.faults.injection.recovery import Recovery, who_ended
from tests.faults.processes.stack import OfLife, TestStack
from tests.faults.scenario import Outcome, Row, Size
from tests.faults.servers.proxied_kafka import ProxiedKafka
from tests.faults.servers.proxy import Fault, Proxy
from tests.faults.servers.running_servers import KAFKA, Servers
from tests.faults.workload import SMALL, workload

TITLE = "links that are cut, silent, slow, narrow, or reset during a commit"
BACKENDS = (KAFKA,)
RECOVERED_WITHIN_SECONDS = 30
DATABASE, BUS = "database", "bus"
_PRODUCE, _OFFSET_COMMIT = 0, 8
"""API keys of Kafka's requests, the two bytes after a request's length."""


def _commits_transaction(sent: bytes) -> bool:
    return b"COMMIT" in sent


def _commits_to_bus(sent: bytes) -> bool:
    return len(sent) > 6 and int.from_bytes(sent[4:6]) in {_PRODUCE, _OFFSET_COMMIT}


CUT, SILENT = Fault("cut", cut=True), Fault("silent", silent=True)
SLOW, NARROW = Fault("slow", delay_seconds=2), Fault("narrow", bytes_a_second=1_000)
RESET: Mapping[str, Fault] = {
    DATABASE: Fault("reset", reset_on=_commits_transaction),
    BUS: Fault("reset", reset_on=_commits_to_bus),
}
_DEADLINES = {"AFTERWARD_STATEMENT_TIMEOUT_SECONDS": "8", "AFTERWARD_SHARD_SESSION_TIMEOUT_SECONDS": "8"}
SOONER: Mapping[str, Mapping[str, str]] = {
    DATABASE: {**_DEADLINES, "AFTERWARD_STANDING_STILL_SECONDS": "30"},
    BUS: {**_DEADLINES, "AFTERWARD_STANDING_STILL_SECONDS": "15"},
}
"""Who waits on a silent link is told so by a deadline, and at last by the watchdog; in a small run by shorter ones.
Nobody may end over the database, so the watchdog is long in coming there; to the bus it is the one that helps."""
FAULTS = (Fault("reset"), CUT, SILENT, SLOW, NARROW)
"""First comes the one that hits nothing when nothing is committed meanwhile: it can be made again."""
HITS_WITHIN_SECONDS = 10
"""A fault that has not hit anything lasts longer, for so long at most; then it is made again in place of the next."""
SPARE = 2
"""So many faults may be made again in a small run."""


def rows(size: Size) -> Iterable[Row]:
    """Small: each fault until it has hit, for some seconds; full: each five times for longer, a row for each."""
    places = (DATABASE, BUS)
    if size == "small":
        every = [fault.name for fault in FAULTS]
        reported = {**SMALL, "times": len(every) + SPARE, "seconds": 3, "faults": every}
        return [Row(f"{where}, seed 7", 7, {**reported, "where": where, "settings": SOONER[where]}) for where in places]
    reported = {"number": 50, "days_a_step": 2, "times": 5, "seconds": 15, "settings": {}}
    return [
        Row(f"{where} {fault.name}", 16, {**reported, "where": where, "faults": [fault.name]})
        for where in places
        for fault in FAULTS
    ]


async def run(harness: Harness, row: Row) -> Outcome:
    """One fault at a time, the one that has hit least often, while work is in flight; then all is drained in time."""
    reported = workload(row.seed, row.options["number"], days_a_step=row.options["days_a_step"])
    await harness.undisturbed(reported)
    where, hit = row.options["where"], Counter(dict.fromkeys(row.options["faults"], 0))
    recovery = Recovery(row.seed, row.options["times"], RECOVERED_WITHIN_SECONDS)
    untouched: list[str] = []
    async with _through(harness.servers, where) as (proxy, of_life):

        async def spoil(stack: TestStack) -> None:
            fault = _fault(min(hit, key=hit.__getitem__), where)
            async with recovery.all_stopped(stack):
                proxy.strike(fault)
            await asyncio.sleep(row.options["seconds"])  # this is the fault, nothing is waited for
            with suppress(TimeoutError):
                await stack.until(lambda: proxy.hits > 0, HITS_WITHIN_SECONDS)
            hit[fault.name] += proxy.hits > 0
            proxy.heal()
            if not proxy.hits:
                untouched.append(fault.name)

        async with harness.stack(reported, of_life=of_life, settings=row.options["settings"]) as stack:
            await recovery.play(stack, spoil)
            ended = who_ended(stack)
            wrong = [f"{name} never hit anything" for name, times in hit.items() if not times]
            wrong += recovery.complaints + (ended if where == DATABASE else []) + await harness.judge(reported)
            notes = {**recovery.notes, "untouched": untouched, "ended": ended}
            return Outcome(recovery.faults, recovery.in_flight - len(untouched), wrong, notes)


def _fault(name: str, where: str) -> Fault:
    return RESET[where] if name == "reset" else next(fault for fault in FAULTS if fault.name == name)


@asynccontextmanager
async def _through(servers: Servers, where: str) -> AsyncIterator[tuple[Proxy, Mapping[str, OfLife]]]:
    """A proxy on the way to one of the servers, and the settings by which each service takes that way."""
    if where == BUS:
        bus = await _proxied_kafka(servers)
        proxy = Proxy(bus.advertised, bus.port)
        of_life = {service: _always(BOOTSTRAP_SERVERS=f"{LOOPBACK}:{proxy.port}") for service in servers.dsns}
    else:
        target = urlsplit(servers.postgres.dsn()).port
        assert target is not None
        proxy = Proxy(free_port(), target)
        of_life = {service: _always(DATABASE_DSN=_on_port(dsn, proxy.port)) for service, dsn in servers.dsns.items()}
    async with proxy:
        yield proxy, of_life


async def _proxied_kafka(servers: Servers) -> ProxiedKafka:
    """The ground's broker, with its second door."""
    if not isinstance(servers.bus, ProxiedKafka):
        await servers.bus.stop()
        servers.bus = ProxiedKafka(servers.folder, free_port(), free_port())
        await servers.bus.start()
    assert isinstance(servers.bus, ProxiedKafka)
    return servers.bus


def _always(**settings: str) -> OfLife:
    given = {f"AFTERWARD_{name}": value for name, value in settings.items()}
    return lambda _life: given


def _on_port(dsn: str, port: int) -> str:
    parts = urlsplit(dsn)
    account = parts.netloc.rpartition("@")[0]
    return urlunsplit(parts._replace(netloc=f"{account}@{LOOPBACK}:{port}"))
