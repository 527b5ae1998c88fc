"""What is due in online care, in words: consultations, prescriptions, deliveries, and rosters with nobody on them."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from afterward.cli.console import counted, words

Item = Mapping[str, Any]


def _local(item: Item, instant: str) -> str:
    return f"{datetime.fromisoformat(instant).astimezone(ZoneInfo(item['time_zone'])):%Y-%m-%d %H:%M}"


def _consultation(item: Item) -> str:
    whose = "red flag" if item["priority"] == "red_flag" else item["priority"]
    where = f"in {item['channel_id']}" if item["channel_id"] else "in no channel"
    return f"consultation ({whose}) {where}"


def _unanswered(item: Item) -> Iterator[str]:
    if item["expert_ref"]:
        yield f"{item['expert_ref']} has it since {_local(item, item['since'])}"
    elif item["channel_id"]:
        yield f"nobody has it, it waits since {_local(item, item['since'])}"
    else:
        yield "no open channel fits, and no institution that can take the patient is known"
    if item["overdue"]:
        yield f"not answered in time by {counted(item['overdue'], 'channel')}"
    if item["referred_to"]:
        yield f"referred to {item['referred_to']}"


def _to_answer(item: Item) -> Iterator[str]:
    if item["channel_id"]:
        yield "hold the consultation and report it"
        yield "without an answer: the next channel that fits, else an institution"
    else:
        yield "open a channel that fits, or declare an institution that can take the patient"


def _unreviewed(item: Item) -> Iterator[str]:
    yield f"written by {item['expert_ref']} in consultation {item['consultation_id']}"
    yield f"waits since {_local(item, item['since'])}"


def _to_review(_item: Item) -> Iterator[str]:
    yield "a pharmacist approves or rejects it"


def _delivery(item: Item) -> str:
    attempt = f", attempt {item['attempt']}" if item["attempt"] > 1 else ""
    return f"medicine: {words(item['waits_for'])}{attempt}"


def _undelivered(item: Item) -> Iterator[str]:
    yield f"waits since {_local(item, item['since'])}"
    yield from [f"the delivery before failed: {words(item['reason'])}"] if item["reason"] else []


_DELIVER: Mapping[str, str] = {
    "dispensing": "dispense the medicine and report it",
    "dispatch": "send the medicine and report it",
    "delivery": "bring the medicine and report how that ended",
}


def _to_deliver(item: Item) -> Iterator[str]:
    yield _DELIVER[item["waits_for"]]


def _roster(item: Item) -> str:
    return f"nobody on the roster of {item['name']}"


def _gap(item: Item) -> Iterator[str]:
    yield f"from {_local(item, item['from'])} until {_local(item, item['until'])}"
    yield from [f"and {counted(item['more'], 'gap')} more"] if item["more"] else []


def _to_roster(item: Item) -> Iterator[str]:
    yield f"{item['institution_id']} puts somebody on duty and reports the shift"


WHAT: Mapping[str, Callable[[Item], str]] = {
    "consultation": _consultation,
    "prescription": lambda _item: "prescription without a pharmacist's word",
    "delivery": _delivery,
    "roster": _roster,
}
WHY: Mapping[str, Callable[[Item], Iterator[str]]] = {
    "consultation": _unanswered,
    "prescription": _unreviewed,
    "delivery": _undelivered,
    "roster": _gap,
}
NEXT: Mapping[str, Callable[[Item], Iterator[str]]] = {
    "consultation": _to_answer,
    "prescription": _to_review,
    "delivery": _to_deliver,
    "roster": _to_roster,
}
