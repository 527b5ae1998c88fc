"""What a prescription waits for, since when, and how long it may (C6). Pure."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple

from schemas.calendar import local_date
from schemas.reference import time_zone_of
from services.consultation.domain.prescription.course import Course, Point, issue_point
from services.consultation.domain.prescription.facts import Issue, Review
from services.consultation.policy import Prescribing, prescribing

Step = Literal["review", "dispatch", "delivery"]


class Wait(NamedTuple):
    """What a prescription waits for, or waited. `answer_known_at`: when the answer came; None: there is none."""

    waits_for: Step
    attempt: int
    since: Point
    due: datetime
    answer_known_at: datetime | None = None

    @property
    def name(self) -> str:
        """What the clock calls it: another instant to wait from is another wait."""
        return f"{self.waits_for}/{self.attempt}@{self.since.at.astimezone(UTC).isoformat()}"

    @property
    def finding(self) -> str:
        """What is found at the deadline: what came at the very instant is too late."""
        return "answered" if self.answer_known_at is not None and self.answer_known_at < self.due else "lapsed"


def times(issue: Issue) -> Prescribing:
    """How long this prescription may wait, by the civil day of its place on which it was issued."""
    jurisdiction = issue.jurisdiction or ""
    return prescribing(jurisdiction, local_date(issue.issued_at, time_zone_of(jurisdiction) or "UTC"))


def deadline(since: Point, allowed: timedelta) -> datetime:
    """Counted from when it happened; where that leaves no time at all, from when it came to the bus."""
    due = since.at + allowed
    return due if since.known_at < due else since.known_at + allowed


def waits(issue: Issue, reviews: Sequence[Review], course: Course) -> Iterator[Wait]:
    """C6: every wait of a prescription that was issued, in its order; the last one without an answer is the one now.

    What a pharmacist has rejected waits for nothing.
    """
    allowed, issued = times(issue), issue_point(issue)
    first_review = min((review.received_at for review in reviews), default=None)
    yield Wait("review", 1, issued, deadline(issued, allowed.review_within), first_review)
    since = course.approved
    if since is None or not reviews[-1].approved:
        return
    for attempt in course.attempts:
        sent, ended = attempt.dispatched, attempt.ended
        yield Wait("dispatch", attempt.number, since, deadline(since, allowed.dispatch_within), sent.known_at)
        known_at = ended.known_at if ended else None
        yield Wait("delivery", attempt.number, sent, deadline(sent, allowed.deliver_within), known_at)
        since = ended or sent
    if (since := course.waits_to_leave) is not None:
        yield Wait("dispatch", len(course.attempts) + 1, since, deadline(since, allowed.dispatch_within))
