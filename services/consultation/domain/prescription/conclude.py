"""What follows for a prescription: whether it is issued and approved, where the medicine is, and what is late (C6)."""

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from chassis.decide.judge import Clock, State
from services.consultation.domain.prescription.course import Course, course_of
from services.consultation.domain.prescription.deadlines import Wait, waits
from services.consultation.domain.prescription.facts import Facts, Issue, Review


class Overdue(Struct, frozen=True, array_like=True):
    """At `due` nobody had done what the prescription waited for since an instant. That cannot be undone."""

    waits_for: str
    attempt: int
    since: datetime
    due: datetime

    @property
    def key(self) -> tuple[str, int]:
        return self.waits_for, self.attempt


class Waiting(Struct, frozen=True, array_like=True):
    """What the prescription waits for: `review`, `dispensing`, `dispatch` or `delivery`; late from `due` on."""

    waits_for: str
    attempt: int
    since: datetime
    due: datetime


class Conclusions(Struct, frozen=True, array_like=True):
    """`issue`: None while no consultation is known that wrote it. The rest but for `overdue` only of what was issued.

    `review`: the one that holds. `review_by`: by when a pharmacist has to look at it.
    """

    issue: Issue | None = None
    review: Review | None = None
    review_by: datetime | None = None
    course: Course = Course()
    waiting: Waiting | None = None
    overdue: tuple[Overdue, ...] = ()
    due: datetime | None = None
    done: dict[str, str] = {}

    @property
    def is_issued(self) -> bool:
        return self.issue is not None and self.issue.by_prescriber


PrescriptionState = State[Facts, Conclusions]


def conclude(facts: Facts, announced: Conclusions, clock: Clock, context: Issue | None) -> Conclusions:
    """C6: only what a prescriber on duty wrote in a consultation is issued, and reviewed and delivered thereupon."""
    issue = context
    if issue is None or not issue.by_prescriber:
        return Conclusions(issue, overdue=announced.overdue, due=clock.due, done=clock.done)
    course = course_of(issue, facts.reviews, facts.steps)
    known = list(waits(issue, facts.reviews, course))
    return Conclusions(
        issue=issue,
        review=facts.reviews[-1] if facts.reviews else None,
        review_by=known[0].due,
        course=course,
        waiting=_waiting(known[-1], course),
        overdue=_overdue(announced.overdue, known, clock),
        due=clock.due,
        done=clock.done,
    )


def _waiting(last: Wait, course: Course) -> Waiting | None:
    if last.answer_known_at is not None:
        return None
    undispensed = last.waits_for == "dispatch" and course.dispensed is None
    return Waiting("dispensing" if undispensed else last.waits_for, last.attempt, last.since.at, last.due)


def _overdue(found: Iterable[Overdue], known: Iterable[Wait], clock: Clock) -> tuple[Overdue, ...]:
    """What was found stays; of two waits for one step, as an approval came anew, the later one is said."""
    late = {one.key: one for one in found}
    for wait in known:
        if clock.found(wait.name, wait.due, wait.finding) == "lapsed":
            one = Overdue(wait.waits_for, wait.attempt, wait.since.at, wait.due)
            before = late.get(one.key)
            if before is None or before.since < one.since:
                late[one.key] = one
    return tuple(sorted(late.values(), key=lambda one: (one.due, one.waits_for, one.attempt)))
