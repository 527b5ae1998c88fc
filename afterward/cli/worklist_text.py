"""What is due, in words: what it is, why, and what to do next, with what follows otherwise."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from afterward.cli import worklist_online
from afterward.cli.console import counted, words

Item = Mapping[str, Any]
"""What a service says of an entry of a work list; the shapes stand in the services' `domain/row.py`."""


def what(item: Item) -> str:
    """The thing that is due."""
    return _WHAT[_kind(item)](item)


def why(item: Item) -> str:
    """What led to it, who has not answered, and what has to be known of the patient."""
    return "; ".join((*_WHY[_kind(item)](item), *_patient(item)))


def next_step(item: Item) -> str:
    """What somebody has to do now, and what follows otherwise."""
    return "; ".join(_NEXT[_kind(item)](item))


def _kind(item: Item) -> str:
    """Two services have a list of the same name, each for things of its own."""
    kind: str = item["kind"]
    return {("unplaced", True): "positive", ("not_understood", True): "test"}.get(
        (kind, "results" in item or "tests" in item), kind
    )


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
    days = f"day {', '.join(map(str, item['days']))}"
    match item.get("why"):
        case _ if item["visit"]:
            yield f"return visit {words(item['visit'])} missed"
        case "retest_missed":
            yield f"re-test of {days} not taken"
        case "day_unknown":
            yield f"{days} unknown: the discharge was not known yet"
        case _:
            yield f"{days} missed"
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


def again(alert: Item) -> str:
    """Which alert of its day and kind it is, from the second on (F4)."""
    number = alert.get("round", 1)
    return f", round {number}" if number > 1 else ""


def _to_acknowledge(item: Item) -> Iterator[str]:
    yield "look at the patient and acknowledge it"
    yield from _level(item)


def _patient(item: Item) -> Iterator[str]:
    """That the patient lies in a ward meanwhile, and is no confirmed case, where a list says so."""
    yield from [f"lies in {item['lies_in']}"] if item.get("lies_in") else []
    is_a_case = item.get("is_case", item.get("confirmed", True))
    yield from [] if is_a_case else ["not a confirmed case"]


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
    to, way = item["to_institution_id"], item.get("way", "confirmed")
    if way == "onward":
        return f"transfer onward to {to}" if to else "transfer onward, to any house"
    recalled = "recalled: " if way == "recalled" else ""
    return f"{recalled}transfer to {to}" if to else f"{recalled}transfer, to nobody yet"


def _awaited(item: Item) -> Iterator[str]:
    yield ", ".join(map(words, item["why"]))
    yield from [f"needs {', '.join(item['required_capabilities'])}"] if item["required_capabilities"] else []
    yield from [f"travels with {item['party_id']}"] if item["party_id"] else []
    yield from [f"admitted by {item['admitted_by']} instead"] if item.get("admitted_by") else []


def _to_admit(item: Item) -> Iterator[str]:
    if item["to_institution_id"]:
        yield f"{item['to_institution_id']} admits the patient"
    elif item.get("way") == "onward":
        yield "the house that has the patient reports the admission"
    else:
        able = ", ".join(item["required_capabilities"])
        yield f"declare a designated institution{f' with {able}' if able else ''} to the directory"
    yield from [f"overdue, announced {counted(item['overdue'], 'time')}"] if item["overdue"] else []


def _positive(item: Item) -> str:
    number = len(item["results"])
    return "a positive that confirms nobody" if number == 1 else f"{number} positives that confirm nobody"


REASONS: Mapping[str, str] = {
    "nobody_reported": "neither an arrival nor a local case is reported",
    "before_the_arrival": "collected before the arrival that is known",
    "withdrawn": "the authority has withdrawn the case",
    "excluded": "the case is excluded",
}
"""Why a positive confirms nobody, by what intake calls it."""


_TO_CONFIRM: Mapping[str, str] = {
    "nobody_reported": "report the arrival, or the local case",
    "before_the_arrival": "report the arrival as it was, or the local case",
    "withdrawn": "report the local case again, or retract the result",
    "excluded": "report the local case again, or retract the result",
}


def _unconfirmed(item: Item) -> Iterator[str]:
    yield from (REASONS[reason] for reason in dict.fromkeys(one["reason"] for one in item["results"]))
    results = (f"{one['result_id']} of {one['lab']}" for one in item["results"])
    yield f"result {', '.join(results)}"


def _to_confirm(item: Item) -> Iterator[str]:
    yield from (_TO_CONFIRM[reason] for reason in dict.fromkeys(one["reason"] for one in item["results"]))


def _overlapping(item: Item) -> Iterator[str]:
    yield f"the courses of {', '.join(item['cases'])} overlap"


def _to_tell_apart(_item: Item) -> Iterator[str]:
    yield "find out which case is the patient's"
    yield "withdraw or retract what was reported under the others"


def _unread_test(item: Item) -> Iterator[str]:
    yield f"test {', '.join(item['tests'])} is on no list of nucleic acid tests"
    yield f"reported by {', '.join(item['labs'])}"
    yield "no rule counts it"


def _to_read_test(_item: Item) -> Iterator[str]:
    yield "the laboratory corrects the code"
    yield "if the test is a nucleic acid test, have the list extended"


def _unread_words(item: Item) -> Iterator[str]:
    yield f"told: {', '.join(item['words'])}"
    yield "neither a code nor on the list of words: no alert follows from them"
    yield from _more(item)


def _to_read_words(_item: Item) -> Iterator[str]:
    yield "read them, and call the patient where they may warn of something"
    yield "report the symptom again as a code"


_WHAT: Mapping[str, Callable[[Item], str]] = {
    **worklist_online.WHAT,
    "call": _call,
    "home_visit": lambda _item: "home visit",
    "return_visit": lambda item: f"return visit {words(item['visit'])}",
    "linkage": lambda item: f"linkage for {', '.join(item['conditions'])}",
    "unplaced": lambda _item: "nobody near home is told of the discharge",
    "alert": lambda item: f"{item['severity']} alert of day {item['day']}{again(item)}: {words(item['why'])}",
    "transfer": _sent,
    "positive": _positive,
    "duplicate": lambda item: f"one person, {len(item['cases'])} cases at once",
    "test": lambda _item: "a test not understood",
    "not_understood": lambda _item: "words not understood",
}
_WHY: Mapping[str, Callable[[Item], Iterator[str]]] = {
    **worklist_online.WHY,
    "call": _missed,
    "home_visit": _missed,
    "return_visit": _expected,
    "linkage": _unanswered_linkage,
    "alert": _unseen_alert,
    "unplaced": _nobody_near,
    "transfer": _awaited,
    "positive": _unconfirmed,
    "duplicate": _overlapping,
    "test": _unread_test,
    "not_understood": _unread_words,
}
_NEXT: Mapping[str, Callable[[Item], Iterator[str]]] = {
    **worklist_online.NEXT,
    "call": _to_call,
    "home_visit": _to_visit,
    "return_visit": _to_attend,
    "linkage": _to_link,
    "alert": _to_acknowledge,
    "unplaced": _to_place,
    "transfer": _to_admit,
    "positive": _to_confirm,
    "duplicate": _to_tell_apart,
    "test": _to_read_test,
    "not_understood": _to_read_words,
}
