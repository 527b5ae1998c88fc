"""The real thing: what an event costs as a case grows, whole stays, full plans, and whole journeys."""

from collections.abc import Mapping, Sequence
from typing import Any

from bench import plans, stays
from bench.courses import Course, case_id
from bench.curve import by_case_size
from bench.frame import Bench
from bench.journeys import whole_journeys
from bench.loads import publish_evenings
from bench.progress import COLUMNS, Pace, figures, summary, through
from bench.servers import Servers

TITLE = "Growth: the real thing"


async def run(bench: Bench) -> Mapping[str, Any]:
    """The section `growth`."""
    async with bench.servers() as servers:
        by_size = await by_case_size(bench, servers)
        services = {name: await _service(bench, servers, name, pattern) for name, pattern in _COURSES.items()}
        journeys = await whole_journeys(bench, servers)
    return {"growth": {"by_case_size": by_size, **services, "journeys": journeys}}


_COURSES: Mapping[str, Course] = {"discharge": stays.whole_stay(), "followup": plans.whole_plan()}


async def _service(bench: Bench, servers: Servers, service: str, pattern: Course) -> Mapping[str, Any]:
    """A service alone, fed with whole courses in clinical order."""
    cases = [case_id(number) for number in range(max(1, bench.options.records // len(pattern)))]
    paces = [await _whole_courses(servers, service, pattern, cases) for _ in range(bench.options.repeat)]
    bench.show(
        f"{service}: {len(cases):,} whole courses of {len(pattern)} messages",
        ["run", *COLUMNS],
        [(number, *figures(pace)) for number, pace in enumerate(paces, start=1)],
    )
    return {"cases": len(cases), "messages_a_case": len(pattern), **summary(paces)}


async def _whole_courses(servers: Servers, service: str, pattern: Course, cases: Sequence[str]) -> Pace:
    await servers.fresh_topics()
    dsn, clock_file = await servers.fresh_database(service), servers.folder / f"clock-{service}.json"
    clock_file.unlink(missing_ok=True)
    records = await publish_evenings(servers, clock_file, pattern, cases)
    try:
        return await paced(servers, service, dsn, clock_file=clock_file, records=records)
    finally:
        await servers.drop_database(dsn)


async def paced(servers: Servers, service: str, dsn: str, *, records: int, **settings: Any) -> Pace:
    """A service that is started, and judges what lies on its topics."""
    async with servers.service(f"services.{service}.app:app", dsn, name=service, **settings) as process:
        return await through([process], records)
