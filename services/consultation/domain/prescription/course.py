"""The way of a medicine: dispensed, dispatched and delivered at most once, in that order (C6). Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from msgspec import Struct
from msgspec.structs import replace

from services.consultation.domain.prescription.facts import Issue, Review, Step


class Point(Struct, frozen=True, array_like=True):
    """When something happened, and since when it is known, with all that has to come before it."""

    at: datetime
    known_at: datetime

    def and_then(self, at: datetime, known_at: datetime) -> "Point":
        """What follows it is known when both are."""
        return Point(at, max(self.known_at, known_at))


class Attempt(Struct, frozen=True, array_like=True):
    """One delivery: dispatched, and then delivered, or failed for a reason."""

    number: int
    dispatched: Point
    ended: Point | None = None
    outcome: str = ""
    reason: str | None = None

    @property
    def is_delivered(self) -> bool:
        return self.outcome == "delivered"

    @property
    def has_failed(self) -> bool:
        return self.outcome == "failed"


class Course(Struct, frozen=True, array_like=True):
    """How far the medicine is: dispensed under an approval, and its deliveries. `ignored`: steps that say nothing.

    A step says nothing while what has to come before it is not known, and for good where it comes a second time.
    """

    approved: Point | None = None
    dispensed: Point | None = None
    attempts: tuple[Attempt, ...] = ()
    ignored: tuple[Step, ...] = ()

    @property
    def underway(self) -> Attempt | None:
        """The delivery that has not ended."""
        return self.attempts[-1] if self.attempts and self.attempts[-1].ended is None else None

    @property
    def waits_to_leave(self) -> Point | None:
        """Since when the medicine could be dispatched: the approval, or the delivery that failed; None: it was."""
        if not self.attempts:
            return self.approved
        return self.attempts[-1].ended if self.attempts[-1].has_failed else None


def issue_point(issue: Issue) -> Point:
    """When the prescription was issued."""
    return Point(issue.issued_at, issue.known_at or issue.issued_at)


def approval_at(issue: Issue, reviews: Sequence[Review], at: datetime | None = None) -> Point | None:
    """The approval that was in force at an instant, or is now: the first of an unbroken run; None: none is."""
    approval: Point | None = None
    for review in reviews:
        if at is not None and review.reviewed_at > at:
            break
        if not review.approved:
            approval = None
        elif approval is None:
            approval = issue_point(issue).and_then(review.reviewed_at, review.received_at)
    return approval


def course_of(issue: Issue, reviews: Sequence[Review], steps: Sequence[Step]) -> Course:
    """C6: the steps as far as each follows from the one before; of one instant, in whichever order they fit."""
    course = Course(approved=approval_at(issue, reviews))
    for _, together in groupby(steps, key=attrgetter("reported_at")):
        left = list(together)
        while (taken := next(_fitting(course, issue, reviews, left), None)) is not None:
            step, course = taken
            left.remove(step)
        course = replace(course, ignored=(*course.ignored, *left))
    return course


def _fitting(
    course: Course, issue: Issue, reviews: Sequence[Review], steps: Sequence[Step]
) -> Iterator[tuple[Step, Course]]:
    for step in steps:
        match step.status:
            case "dispensed":
                further = _dispensed(course, step, approval_at(issue, reviews, step.reported_at))
            case "dispatched":
                further = _dispatched(course, step)
            case _:
                further = _ended(course, step)
        if further is not None:
            yield step, further


def _dispensed(course: Course, step: Step, approval: Point | None) -> Course | None:
    """Once, and only after a pharmacist approved it."""
    if course.dispensed is not None or approval is None:
        return None
    return replace(course, approved=approval, dispensed=approval.and_then(step.reported_at, step.received_at))


def _dispatched(course: Course, step: Step) -> Course | None:
    """Once it is dispensed, and again only after a delivery that failed."""
    before = course.waits_to_leave if course.attempts else course.dispensed
    if before is None:
        return None
    attempt = Attempt(len(course.attempts) + 1, before.and_then(step.reported_at, step.received_at))
    return replace(course, attempts=(*course.attempts, attempt))


def _ended(course: Course, step: Step) -> Course | None:
    """Delivered or failed: the delivery that was dispatched last, while it is underway."""
    attempt = course.underway
    if attempt is None:
        return None
    ended = attempt.dispatched.and_then(step.reported_at, step.received_at)
    over = replace(attempt, ended=ended, outcome=step.status, reason=step.reason)
    return replace(course, attempts=(*course.attempts[:-1], over))
