"""The demo's story: Shanghai, January to October 2020, in reports only.

`reports` writes what hospitals, laboratories, the port and the patients would have reported of the 1,085 cases known by
17 October 2020, such that the published figures (`published`) are true of the reports. What was published is not made
up: the figures of two days, the five, the six and the child (`known.py`). All else is drawn from a seed. After
17 October nobody new falls ill, though people go on leaving the hospital; of that part no published figure is kept.

The way of a report through these modules: `schedule` (how many on which day) → `cases` and `people` (who) → `arrival`,
`hospital` (with `ward`, `vitals`, `laboratory`), `home` (what is reported of them) → `mishaps` (late, twice)
→ a `Publication`.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Final

from story.answers import ASKING, Answer, answer, answer_call
from story.arrival import diagnosed
from story.asymptomatic import infections
from story.cases import cases
from story.chart import Chart
from story.home import fourteen_days
from story.hospital import stay
from story.known import CHILD, FIVE, SIX
from story.mishaps import delivered
from story.people import Case
from story.publication import Publication, at
from story.published import PublishedDay, published
from story.strangers import strangers

__all__ = [
    "ASKING",
    "CHILD",
    "END",
    "FIVE",
    "SEED",
    "SIX",
    "Answer",
    "Publication",
    "PublishedDay",
    "answer",
    "answer_call",
    "published",
    "reports",
]

SEED: Final = 20201017
END: Final = at(date(2020, 11, 1), 0)
"""The end of the child's fourteenth day."""


def reports(seed: int = SEED, until: datetime = END) -> list[Publication]:
    """All reports to be published before `until`, in order of publishing: the same seed gives the same bytes.

    A later `until` than END tells more of the same people, until everyone's fourteen days are over.
    """
    due = (publication for publication in _published(seed, until) if publication.publish_at < until)
    return sorted(due)


def _published(seed: int, until: datetime) -> Iterator[Publication]:
    for case in (*cases(seed), *infections(seed)):
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
