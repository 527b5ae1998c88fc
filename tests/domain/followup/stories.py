"""Stories of followup, told as they happen: each message comes a minute after what it is about."""

from datetime import datetime, timedelta
from typing import Any

from schemas.message import Message, Report
from services.followup.routes import CASE as KIND
from tests.domain.followup.journeys import at, discharged, logs
from tests.domain.story import Story


def unknown() -> Story:
    """A case of which nothing is known."""
    return Story(KIND)


def home(**given: Any) -> Story:
    """The child is home since 10:00 on day 0, and it is 11:00."""
    return unknown().given(discharged(**given), came=given.get("when", at(0, 10)) + timedelta(hours=1))


def logged(first: int = 1, last: int = 14, *, but: tuple[int, ...] = ()) -> list[Message]:
    """The logs of the days from `first` to `last`, but for some."""
    return [message for day in range(first, last + 1) if day not in but for message in logs(day, day)]


def happening(story: Story, *messages: Message) -> Story:
    """The messages, each coming a minute after its clinical time (a result: after it resulted)."""
    for message in sorted(messages, key=told_at):
        story.when(message, came=told_at(message) + timedelta(minutes=1))
    return story


def call_id(story: Story, which: int = 0) -> str:
    """The id of a call that was requested."""
    return str(story.state.conclusions.plans[-1].calls[which].call_id)


def told_at(message: Message) -> datetime:
    """When a message tells of: its clinical time, a result when it resulted."""
    named = message.clinical_time if isinstance(message, Report) else None
    for field in (named, "resulted_at", "measured_at", "observed_at", "performed_at", "revoked_at", "discharged_at"):
        if field and isinstance(when := getattr(message, field, None), datetime):
            return when
    raise AssertionError(f"say when {type(message).__name__} came")
