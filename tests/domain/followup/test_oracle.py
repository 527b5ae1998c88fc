"""F3 against brute force: who is missed, unknown, called and lost, in random courses with stays and late discharges."""

import os
from datetime import datetime, timedelta

import pytest

from schemas.events.followup import LostToFollowUp
from schemas.message import Message
from services.followup.domain.calls import RequestedCall
from tests.domain.followup.journeys import TESTED, admitted, at, called, discharged, log, stay_ended
from tests.domain.followup.oracle import UNTIL, Course, Oracle, drawn
from tests.domain.followup.stories import unknown
from tests.domain.story import Story

COURSES = int(os.environ.get("AFTERWARD_COURSES", "300"))


def instant(minutes: int) -> datetime:
    return at(0, 0) + timedelta(minutes=minutes)


def minutes(when: datetime) -> int:
    return int((when - at(0, 0)).total_seconds() // 60)


class Lived:
    """A course as the service lives it."""

    def __init__(self, course: Course) -> None:
        self.story: Story = unknown()
        self.losses: list[int] = []
        self._course, self._answered = course, 0
        reports: list[tuple[int, Message]] = [
            (minute, log(day, "am", reported_at=instant(minute - 1))) for minute, day in course.logs
        ]
        reports += [(course.known_at, one) for one in (discharged(), *TESTED)]
        for stay in course.stays:
            begun, ended = instant(stay.admitted), instant(stay.ended)
            reports.append((max(stay.admitted, stay.known), admitted(begun)))
            reports.append((max(stay.ended, stay.end_known), stay_ended(begun, ended)))
        for minute, message in sorted(reports, key=lambda report: report[0]):
            if minute > UNTIL:
                break
            self._wait(minute)
            self.story.when(message, received_at=instant(minute))
            self._note()
        self._wait(UNTIL)

    def _wait(self, until: int) -> None:
        """The clock goes on, and whoever is asked for answers ten minutes later."""
        while True:
            due = self.story.state.conclusions.due
            answer = self._next_answer()
            ahead = min([until, *([minutes(due)] if due else []), *([answer[0]] if answer else [])])
            self.story.until(max(instant(ahead), self.story.now or instant(ahead)))
            self._note()
            answer = self._next_answer()
            if answer and answer[0] == ahead < until:
                self._answered += 1
                if answer[2] and instant(ahead) < answer[1].call_by:
                    answered = called(answer[1].call_id, instant(ahead), answer[2])
                    self.story.when(answered, received_at=instant(ahead))
                    self._note()
            elif ahead == until:
                return

    def _next_answer(self) -> tuple[int, RequestedCall, str | None] | None:
        calls = self.calls
        if self._answered >= len(calls):
            return None
        call = calls[self._answered]
        answers = self._course.answers
        outcome = answers[self._answered] if self._answered < len(answers) else None
        return max(minutes(call.opened_at) + 10, minutes(self.story.now or call.opened_at)), call, outcome

    def _note(self) -> None:
        for emitted in self.story.emitted:
            if isinstance(emitted.event, LostToFollowUp) and not emitted.event.withdrawn:
                self.losses.append(minutes(emitted.time))

    @property
    def calls(self) -> list[RequestedCall]:
        plans = self.story.state.conclusions.plans
        return [call for call in plans[-1].calls if not call.visit] if plans else []


@pytest.mark.parametrize("block", range(10))
def test_f3_the_service_finds_what_brute_force_finds(block: int) -> None:
    for seed in range(block, COURSES, 10):
        course = drawn(seed)
        lived, expected = Lived(course), Oracle(course)
        plan = lived.story.state.conclusions.plans[-1]
        assert (seed, plan.missed, plan.unknown) == (seed, tuple(expected.missed), tuple(expected.unknown))
        found = [(minutes(call.opened_at), call.attempt) for call in lived.calls]
        assert (seed, found) == (seed, [call[:2] for call in expected.calls])
        assert (seed, sorted(set(lived.losses))) == (seed, expected.losses)


def test_the_oracle_calls_at_once_where_the_discharge_is_told_late() -> None:
    late = Oracle(Course(7 * 1440 + 600, (), (), ()))
    assert (late.unknown, late.missed[:2]) == ([1, 2, 3, 4, 5, 6], [7, 8])
    assert late.losses == [10 * 1440 + 600]
    assert late.calls[0] == (7 * 1440 + 600, 1, "lapsed")
