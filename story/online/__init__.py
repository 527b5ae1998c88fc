"""The demo's second story: online care in Zhejiang, Hunan and Beijing, December 2022, in reports only.

`reports` writes what commissions, hospitals, patients and pharmacies would have reported, such that the published
figures (`published`) are true of the reports on 25 December. The day on which each channel opened, its departments, the
72 experts and Beijing's list are what was published; all else is drawn from a seed. After 25 December nobody new asks,
and those who asked get their medicine.

The way of a report through these modules: `places` and `roster` (what is open, who is on duty) and `schedule` (how many
when) → `people` (who) → `consultations`, `pharmacy`, `known` (what is reported of them) → a `Publication`.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final

from story.online.consultations import consultations
from story.online.known import CHILD, CHILDS_PRESCRIPTION, ITS_CENTRE, KNOWN, LISTED_ONLY, known_consultations
from story.online.places import CHANNELS, directory, opened
from story.online.published import PublishedFigure, published
from story.online.roster import rostered
from story.online.schedule import DAY, DEMANDS
from story.publication import Publication, Statement, at, dice, publication_of

__all__ = [
    "CHILD",
    "CHILDS_PRESCRIPTION",
    "DAY",
    "END",
    "ITS_CENTRE",
    "KNOWN",
    "LISTED_ONLY",
    "SEED",
    "Publication",
    "PublishedFigure",
    "published",
    "reports",
]

SEED: Final = 20221225
END: Final = at(date(2022, 12, 26), 12)
"""The last medicine has been delivered; the rosters still reach a week further."""
_SECONDS_ON_THE_WAY: Final = (2, 20)
_TWICE_SHARE: Final = 0.008


def reports(seed: int = SEED, until: datetime = END) -> list[Publication]:
    """All reports to be published before `until`, in order of publishing: the same seed gives the same bytes."""
    return sorted(publication for publication in _published(seed) if publication.publish_at < until)


def _published(seed: int) -> Iterator[Publication]:
    """Each statement within seconds, and a few a second time: the very same bytes some minutes later."""
    chance = dice(seed, "delivery online")
    for statement in _statements(seed):
        delay = timedelta(seconds=chance.randint(*_SECONDS_ON_THE_WAY))
        publication = publication_of(statement, statement.known_at + delay)
        yield publication
        if chance.random() < _TWICE_SHARE:
            yield publication._replace(publish_at=publication.publish_at + timedelta(minutes=chance.randint(1, 90)))


def _statements(seed: int) -> Iterator[Statement]:
    yield from directory()
    yield from rostered(seed)
    yield from map(opened, CHANNELS)
    for demand in DEMANDS:
        for record in consultations(seed, demand):
            yield from record.statements
    for record in known_consultations(seed):
        yield from record.statements
