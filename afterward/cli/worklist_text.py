"""What is due, in words: what it is, why, and what to do next, with what follows otherwise."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from afterward.cli.console import counted, words

Item = Mapping[str, Any]
"""What a service says of an entry of a work list; the shapes stand in the services' `domain/row.py`."""


def what(item: Item) -> str:
    """The thing that is due."""
    return _WHAT[item["kind"]](item)


def why(item: Item) -> str:
    """What led to it, who has not answered, and what has to be known of the patient."""
    return "; ".join((*_WHY[item["kind"]](item), *_patient(item)))


def next_step(item: Item) -> str:
    """What somebody has to do now, and what follows otherwise."""
    return "; ".join(_NEXT[item["kind"]](item))


def name_of(item: Item) -> str | None:
    """The id under which it is answered; a transfer is answered by the admission."""
    return next((item[field] for field in ("call_id", "linkage_id", "alert_id") if field in item), None)


def late(seconds: int) -> str:
    """How late it is, or how long there is still time."""
    minutes = abs(seconds) // 60
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    units = ((days, "d"), (hours, "h"), (minutes, "min"))
    parts = [f"{number} {unit}" for number, unit in units if number][:2] or ["0 min"]
    return f"{' '.join(parts)} late" if seconds > 0 else f"in {' '.join(parts)}"


def local(item: Item, instant: str | datetime) -> str:
    """An instant by the clocks of where the patient lives."""
    moment = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
    return f"{moment.astimezone(ZoneInfo(item['time_zone'])):%Y-%m-%d %H:%M}"


def _call(item: Item) -> str:
    return f"call {item['attempt']} of {item['calls']}"


def _missed(item: Item) -> Iterator[str]:
    """Of a call or a home visit."""
    if item["visit"]:
        yield f"return visit {words(item['visit'])} missed"
    else:
        yield f"day {', '.join(map(str, item['days']))} missed"
    yield from _more(item)


def _more(item: Item) -> Iterator[str]:
    yield from [f"and {item['more']} more for the same case"] if item["more"] else []


def _to_call(item: Item) -> Iterator[str]:
    yield "call the patient and report the outcome"
    following = item["attempt"] + 1
    yield f"without an answer: {f'call {following}' if following <= item['calls'] else 'a home visit'}"


def _to_visit(item: Item) -> Iterator[str]:
    yield "see the patient at home and report the outcome"
    yield "in vain: nobody is asked again" if item["visit"] else "without any contact: lost to follow-up"


def _expected(item: Item) -> Iterator[str]:
    yield f"due on {item['due_on']}"
    yield from _more(item)


def _to_attend(item: Item) -> Iterator[str]:
    yield "see the patient at the hospital and report the visit"
    yield f"missed from {local(item, item['missed_at'])}: a call"


def _unanswered_linkage(item: Item) -> Iterator[str]:
    if item["institution_id"]:
        yield f"{item['institution_id']} has not answered"
    else:
        yield "everybody asked has declined" if item["declined"] else "nobody to ask is known"
    if item["medicines_last_until"]:
        yield f"medicines last until {item['medicines_last_until']}"


def _to_link(item: Item) -> Iterator[str]:
    yield f"{item['institution_id']} accepts or declines" if item["institution_id"] else "find somebody to take it on"
    yield from _level(item)


def _unseen_alert(item: Item) -> Iterator[str]:
    yield f"nobody has acknowledged it: {', '.join(item['recipients']) or 'nobody to send it to is known'}"
    yield from _more(item)


def _to_acknowledge(item: Item) -> Iterator[str]:
    yield "look at the patient and acknowledge it"
    yield from _level(item)


def _patient(item: Item) -> Iterator[str]:
    """That the patient lies in a ward meanwhile, and is no confirmed case, where a list says so."""
    yield from [f"lies in {item['lies_in']}"] if item.get("lies_in") else []
    yield from ["not a confirmed case"] if item.get("confirmed") is False else []


def _nobody_near(item: Item) -> Iterator[str]:
    unknown = item["why"] == "district_unknown"
    yield "the district is not known" if unknown else "the directory has no community centre of the district"


def _to_place(item: Item) -> Iterator[str]:
    unknown = item["why"] == "district_unknown"
    yield "report where the patient lives" if unknown else "declare a community centre of the district to the directory"
    yield f"{item['notified']} was told" if item["notified"] else "the municipal health commission is told then"


def _level(item: Item) -> Iterator[str]:
    """How far it has been escalated, and when the next level follows."""
    if item["level"]:
        yield f"escalated to level {item['level']}: {item['escalated_to'] or 'no commission known'}"
    if item["next_level_at"]:
        yield f"level {item['level'] + 1} follows {local(item, item['next_level_at'])}"


def _sent(item: Item) -> str:
    return f"transfer to {item['to_institution_id']}" if item["to_institution_id"] else "transfer, to nobody yet"


def _awaited(item: Item) -> Iterator[str]:
    yield ", ".join(map(words, item["why"]))
    yield from [f"needs {', '.join(item['required_capabilities'])}"] if item["required_capabilities"] else []
    yield from [f"travels with {item['party_id']}"] if item["party_id"] else []


def _to_admit(item: Item) -> Iterator[str]:
    if item["to_institution_id"]:
        yield f"{item['to_institution_id']} admits the patient"
    else:
        able = ", ".join(item["required_capabilities"])
        yield f"declare a designated institution{f' with {able}' if able else ''} to the directory"
    yield from [f"overdue, announced {counted(item['overdue'], 'time')}"] if item["overdue"] else []


_WHAT: Mapping[str, Callable[[Item], str]] = {
    "call": _call,
    "home_visit": lambda _item: "home visit",
    "return_visit": lambda item: f"return visit {words(item['visit'])}",
    "linkage": lambda item: f"linkage for {', '.join(item['conditions'])}",
    "unplaced": lambda _item: "nobody near home is told of the discharge",
    "alert": lambda item: f"{item['severity']} alert of day {item['day']}: {words(item['why'])}",
    "transfer": _sent,
}
_WHY: Mapping[str, Callable[[Item], Iterator[str]]] = {
    "call": _missed,
    "home_visit": _missed,
    "return_visit": _expected,
    "linkage": _unanswered_linkage,
    "alert": _unseen_alert,
    "unplaced": _nobody_near,
    "transfer": _awaited,
}
_NEXT: Mapping[str, Callable[[Item], Iterator[str]]] = {
    "call": _to_call,
    "home_visit": _to_visit,
    "return_visit": _to_attend,
    "linkage": _to_link,
    "alert": _to_acknowledge,
    "unplaced": _to_place,
    "transfer": _to_admit,
}
