"""The demo's story: Shanghai, January to October 2020, told by reports only.

`reports` writes what hospitals, laboratories, the port and the patients would have reported of the 1,085 cases known by
17 October 2020, such that the published figures (`published`) are true of the reports. What was published is not made
up: the figures of two days, the five, the six and the child (`known.py`). All else is drawn from a seed. After
17 October nobody new falls ill, though people go on leaving the hospital; of that part no published figure is kept.

The way of a report through these modules: `schedule` (how many on which day) → `cases` and `people` (who) → `arrival`,
`hospital` (with `ward`, `vitals`, `laboratory`), `home` (what is said of them) → `mishaps` (late, twice) → a `Telling`.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Final

from afterward.story.answers import ASKING, Answer, answer, answer_call
from afterward.story.arrival import diagnosed
from afterward.story.cases import cases
from afterward.story.chart import Chart
from afterward.story.home import fourteen_days
from afterward.story.hospital import stay
from afterward.story.known import CHILD, FIVE, SIX
from afterward.story.mishaps import delivered
from afterward.story.people import Case
from afterward.story.published import PublishedDay, published
from afterward.story.strangers import strangers
from afterward.story.telling import Telling, at

__all__ = [
    "ASKING",
    "CHILD",
    "END",
    "FIVE",
    "SEED",
    "SIX",
    "Answer",
    "PublishedDay",
    "Telling",
    "answer",
    "answer_call",
    "published",
    "reports",
]

SEED: Final = 20201017
END: Final = at(date(2020, 11, 1), 0)
"""The end of the child's fourteenth day."""


def reports(seed: int = SEED, until: datetime = END) -> list[Telling]:
    """All reports to be published before `until`, in order of publishing: the same seed gives the same bytes.

    A later `until` than END tells more of the same people, until everyone's fourteen days are over.
    """
    told = (telling for telling in _told(seed, until) if telling.publish_at < until)
    return sorted(told)


def _told(seed: int, until: datetime) -> Iterator[Telling]:
    for case in cases(seed):
        if case.begins_at < until:
            yield from delivered(_course(seed, case).statements, seed, case.name)
    for number, chart in enumerate(strangers(seed)):
        yield from delivered(chart.statements, seed, "stranger", number)


def _course(seed: int, case: Case) -> Chart:
    """Everything said of one case, in the order in which it happened to it."""
    chart = Chart(seed, case.name)
    diagnosed(chart, case)
    stay(chart, case)
    if not case.died:
        fourteen_days(chart, case, case.left_at)
    return chart
