"""Bad reports, each with its one answer: it never stops a service, never disappears, and good ones pass behind it."""

import json
import os
import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from afterward.stack.topics import TopicSpec, ensure_topics
from schemas.topic import PARTITIONS
from tests.journeys.patient import Patient
from tests.journeys.spoilt import ANSWERED_TOO, PARKED, Spoil, in_binary_mode, refused
from tests.journeys.stack import Sent, Stack, envelope

pytestmark = pytest.mark.timeout(600)


class Publisher:
    """Sends a spoilt report about a case of its own, and behind it, under the same key, a good one."""

    def __init__(self, like: Patient) -> None:
        self.like = like
        self.behind: list[str] = []
        """The cases of which a good report followed."""

    def given(self, spoil: Spoil) -> tuple[Sent, Sent]:
        """The spoilt report and the good one."""
        case = replace(self.like, case_id=f"{self.like.case_id}-{len(self.behind)}")
        self.behind.append(case.case_id)
        first, second = (case.swabbed(name, case.at(11, 8), "not_detected") for name in ("first", "second"))
        return spoil(envelope(first)), envelope(second)


async def test_every_bad_report_is_answered_once_and_the_good_ones_behind_it_pass(
    stack: Stack, home_today: Patient
) -> None:
    publisher, parked_before = Publisher(home_today), reasons(stack)
    refusals = refused(stack.now())
    given = {what: publisher.given(refusal.spoil) for what, refusal in refusals.items()}
    parked = [publisher.given(spoil) for _, spoil in PARKED]
    records = [sent for pair in (*given.values(), *parked) for sent in pair]
    expected = {identity(pair[0]): (refusals[what].code, refusals[what].at) for what, pair in given.items()}
    answered = [
        (pair[0], ANSWERED_TOO[why]) for (why, _), pair in zip(PARKED, parked, strict=True) if why in ANSWERED_TOO
    ]
    expected |= {identity(sent): answer for sent, answer in answered}
    pids = [process.pid for process in stack.running.services.values()]

    await stack.publish([*records, *records])
    await stack.quiet()

    assert [process.pid for process in stack.running.services.values()] == pids, "a service died of it"
    await answered_once(stack, publisher, expected)
    assert reasons(stack) - parked_before == Counter(reason for reason, _ in PARKED)

    os.kill(stack.running.services["treatment"].pid, signal.SIGKILL)
    await stack.publish(records)
    await stack.quiet()

    await answered_once(stack, publisher, expected)
    assert reasons(stack) - parked_before == Counter(reason for reason, _ in PARKED)


async def answered_once(stack: Stack, publisher: Publisher, expected: dict[str, tuple[str, str | None]]) -> None:
    """Each refused report has one answer, and each good report that followed a bad one has been recorded once."""
    events = await stack.events()
    about = [event.data for event in events if event.type == "afterward.ReportRejected.v1"]
    answers = [(data["report_id"], (data["code"], data.get("at"))) for data in about if data["report_id"] in expected]
    assert sorted(answers, key=str) == sorted(expected.items(), key=str)
    recorded = Counter(event.subject for event in events if event.type == "afterward.TestResultRecorded.v1")
    assert {case: recorded[case] for case in publisher.behind} == dict.fromkeys(publisher.behind, 1)


async def test_a_collection_in_4_minutes_is_what_a_laboratorys_clock_may_differ_by(
    stack: Stack, home_today: Patient
) -> None:
    soon = stack.now() + timedelta(minutes=4)
    await stack.tell(home_today.swabbed("soon", soon, "not_detected", resulted_at=soon))
    assert list(await names(stack, home_today.case_id)) == ["TestResultRecorded"]


async def test_a_reply_to_header_makes_no_service_write_anywhere(stack: Stack, home_today: Patient) -> None:
    await ensure_topics(stack.running.bootstrap_servers, [TopicSpec("answers", PARTITIONS)])
    report = envelope(home_today.swabbed("r", home_today.at(11), "not_detected"))
    await stack.publish([replace(report, headers=(*report.headers, ("reply_to", b"answers")))])
    await stack.quiet()
    assert list(await names(stack, home_today.case_id)) == ["TestResultRecorded"]
    assert await stack.records(["answers"]) == []


async def test_a_report_in_binary_mode_is_taken_as_any_other(stack: Stack, home_today: Patient) -> None:
    report = in_binary_mode()(envelope(home_today.swabbed("r", home_today.at(11), "not_detected")))
    assert any(name == "ce_type" for name, _ in report.headers)
    await stack.publish([report])
    await stack.quiet()
    assert list(await names(stack, home_today.case_id)) == ["TestResultRecorded"]


async def names(stack: Stack, case_id: str) -> Iterator[str]:
    """The names of the events about a case."""
    return (event.type.split(".")[1] for event in await stack.events(case_id))


def reasons(stack: Stack) -> Counter[str]:
    """Why things are parked, and how many for each reason."""
    return Counter(row["reason"] for row in stack.parked())


def identity(sent: Sent) -> str:
    """The id of a report that can still be read."""
    return str(json.loads(sent.value or b"")["id"])
