"""Stories of followup, told as they happen: each message comes a minute after what it is about."""

from datetime import datetime, timedelta
from typing import Any, TypeVar

from schemas.envelope import Event
from schemas.message import Message, Report
from services.followup.routes import CASE as KIND
from tests.domain.followup.journeys import TESTED, at, closed, discharged, logs
from tests.domain.story import Story

E = TypeVar("E", bound=Event)


def unknown() -> Story:
    """A case of which nothing is known."""
    return Story(KIND)


def home(*, tested: bool = True, **given: Any) -> Story:
    """The child is home since 10:00 on day 0, and it is 11:00.

    `tested`: the due re-tests are negative, which is told beforehand, as the story is about something else.
    """
    discharged_at = given.get("when", at(0, 10))
    story = unknown().given(discharged(**given), received_at=discharged_at + timedelta(hours=1))
    return story.given(*TESTED, received_at=discharged_at + timedelta(hours=1)) if tested else story


def logged(first: int = 1, last: int = 14, *, but: tuple[int, ...] = ()) -> list[Message]:
    """The logs of the days from `first` to `last`, but for some."""
    return [message for day in range(first, last + 1) if day not in but for message in logs(day, day)]


def happening(story: Story, *messages: Message) -> Story:
    """The messages, each coming a minute after its clinical time (a result: after it resulted)."""
    for message in sorted(messages, key=reported_at):
        story.when(message, received_at=reported_at(message) + timedelta(minutes=1))
    return story


def call_id(story: Story, which: int = 0) -> str:
    """The id of a call that was requested."""
    return str(story.state.conclusions.plans[-1].calls[which].call_id)


def emitted(story: Story, event: type[E]) -> list[E]:
    """The events of one type that the last step caused, in order."""
    return [emitted.event for emitted in story.emitted if isinstance(emitted.event, event)]


def names(story: Story) -> list[str]:
    """What the last step caused, by name, in order."""
    return [type(emitted.event).__name__ for emitted in story.emitted]


def acknowledged(story: Story, received_at: datetime) -> Story:
    """Primary care closes every alert that is open."""
    for alert in story.state.conclusions.plans[-1].alerts:
        if alert.closed is None:
            story.given(closed(alert.alert_id), received_at=received_at)
    return story


def alert_id(story: Story, why: str = "") -> str:
    """The id of the first alert that was raised, or of the first with a reason."""
    return next(str(alert.alert_id) for alert in story.state.conclusions.plans[-1].alerts if why in alert.why)


def reported_at(message: Message) -> datetime:
    """When a message tells of: its clinical time, a result when it resulted."""
    named = message.clinical_time if isinstance(message, Report) else None
    for field in (named, "resulted_at", "measured_at", "observed_at", "performed_at", "revoked_at", "discharged_at"):
        if field and isinstance(when := getattr(message, field, None), datetime):
            return when
    raise AssertionError(f"say when {type(message).__name__} came")
