"""Those whom the demo shows: a child with fever at three in the morning, a red flag, and two people in Beijing."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final

from schemas.values import Age
from story.online.consultations import Record, answered, asks, consultation_id
from story.online.people import Asker, ref
from story.online.pharmacy import Step, on_its_way, reviewed
from story.online.places import BEIJING, CHILDRENS, GREEN, HUNAN, ZHEJIANG, Channel, centre
from story.online.roster import Expert, on_duty
from story.online.symptoms import DYSPNOEA, FEVER, LISTED, OEDEMA
from story.publication import at

_CHILD, _RED_FLAG, _LISTED_ONLY, _DIALYSIS = "child", "red flag", "listed only", "dialysis"
CHILD: Final = consultation_id(_CHILD)
CHILDS_PRESCRIPTION: Final = Record(0, _CHILD).prescription_id
RED_FLAG: Final = consultation_id(_RED_FLAG)
LISTED_ONLY: Final = consultation_id(_LISTED_ONLY)
"""Somebody in Beijing with listed symptoms only, where no channel is open: to the community centre of the district."""
ITS_CENTRE: Final = centre("Xicheng")
DIALYSIS: Final = consultation_id(_DIALYSIS)
"""Somebody in Beijing who needs dialysis, and finds no channel."""
KNOWN: Final = frozenset({CHILD, CHILDS_PRESCRIPTION, RED_FLAG, LISTED_ONLY, DIALYSIS})
"""The keys of all that is reported of them: the demo publishes it at its own minute."""

CHILD_ASKS_AT: Final = at(date(2022, 12, 21), 3.07)
_RED_FLAG_AT: Final = at(date(2022, 12, 19), 21.4)
_CHILDS_WAY: Final[tuple[Step, ...]] = (
    ("dispensed", timedelta(minutes=9)),
    ("dispatched", timedelta(minutes=12)),
    ("delivered", timedelta(minutes=41)),
)
_LISTED_ONLY_AT: Final = at(date(2022, 12, 20), 10.25)
_DIALYSIS_AT: Final = at(date(2022, 12, 22), 14.6)


def known_consultations(seed: int) -> Iterator[Record]:
    """What is reported of the four. `seed` decides who answers, and little else."""
    yield _child(seed)
    yield _red_flag(seed)
    listed, dialysis = Record(seed, _LISTED_ONLY), Record(seed, _DIALYSIS)
    asks(listed, _adult(listed, BEIJING, "Xicheng", 34), _LISTED_ONLY_AT, None, symptoms=LISTED[:3])
    asks(dialysis, _adult(dialysis, BEIJING, "Fengtai", 58, "dialysis"), _DIALYSIS_AT, None, symptoms=(FEVER, OEDEMA))
    yield from (listed, dialysis)


def _child(seed: int) -> Record:
    """Four years old, in Hunan, at night: eight minutes to the answer, an hour and a quarter to the medicine."""
    record = Record(seed, _CHILD)
    child = Asker(ref(_CHILD), HUNAN, "Yuelu", Age(value=4, unit="a"))
    asks(record, child, CHILD_ASKS_AT, None, symptoms=(FEVER,))
    completed_at = CHILD_ASKS_AT + record.minutes(7, 9)
    expert = _prescriber(seed, CHILDRENS, completed_at)
    answered(record, CHILDRENS, expert, completed_at, ("ibuprofen suspension",), refers=False)
    reviewed_at = completed_at + record.minutes(4, 6)
    reviewed(record, reviewed_at)
    on_its_way(record, reviewed_at, iter(_CHILDS_WAY))
    return record


def _red_flag(seed: int) -> Record:
    """Somebody of 71 years in Zhejiang who is short of breath: answered within three minutes, and to be seen."""
    record = Record(seed, _RED_FLAG)
    person = _adult(record, ZHEJIANG, "Xihu", 71, "comorbid")
    asks(record, person, _RED_FLAG_AT, GREEN.channel_id, symptoms=(FEVER, DYSPNOEA), red_flags=(DYSPNOEA,))
    completed_at = _RED_FLAG_AT + record.minutes(2, 3)
    answered(record, GREEN, on_duty(seed, GREEN, completed_at)[0], completed_at, (), refers=True)
    return record


def _adult(record: Record, jurisdiction: str, district: str, years: int, *groups: str) -> Asker:
    return Asker(ref(record.name), jurisdiction, district, Age(value=years, unit="a"), groups)


def _prescriber(seed: int, channel: Channel, moment: datetime) -> Expert:
    return next(expert for expert in on_duty(seed, channel, moment) if expert.prescriber)
