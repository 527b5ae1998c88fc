"""C3, C7: a channel closes, with a request that is overdue in it, or around the end of a consultation."""

from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from schemas.events.consultation import (
    ConsultationAssigned,
    ConsultationClosed,
    ConsultationOverdue,
    ConsultationQueued,
    ReferredOffline,
)
from services.consultation.domain.consultation import Channel, Online, Queue
from services.consultation.domain.consultation.read_model import Row
from services.consultation.routes import CONSULTATION
from tests.domain.consultation.journeys import (
    CENTRE,
    GREEN,
    at,
    cancelled,
    channel,
    completed,
    online,
    prescription,
    requested,
    shift,
)
from tests.domain.story import Story
from tests.properties.publishing import stated_anew

SECOND = "zj-second"
NOON = at("25T12:00")
"""When all has been read; the request was overdue by then, if nobody had answered."""
INSTANTS = st.integers(0, 40).map(lambda minutes: at("25T03:01") + timedelta(minutes=minutes))


def second(**other: Any) -> Channel:
    """Another channel that fits as well."""
    return channel(SECOND, **({"opened_at": at("10T08:00")} | other))


def is_closed(written: str, received: str | None = None) -> Channel:
    """The green channel, closed."""
    return channel(is_open=False, closed_at=at(written), closing_received_at=at(received or written))


def overdue_there(**other: Any) -> Story:
    """A request that nobody has answered in an hour, in the only channel there is."""
    return Story(CONSULTATION, online(channel(), **other)).given(requested()).until(at("25T04:01"))


def after(story: Story, context: Online, written: str) -> Story:
    """The channels are others now, and the request is woken."""
    story.context = context
    return story.woken(at(written))


def row(story: Story) -> Row:
    assert CONSULTATION.table
    return Row(*(CONSULTATION.table.row(story.state) or ()))


def test_an_overdue_request_goes_on_to_the_channel_that_fits_when_its_own_closes_and_has_a_time_of_its_own() -> None:
    found = after(overdue_there(), online(is_closed("25T05:00"), second()), "25T05:00")

    found.then(
        (ConsultationQueued, {"channel_id": SECOND, "answer_by": "2022-12-25T06:00:00+08:00"}),
        (ConsultationOverdue, {"channel_id": GREEN, "passed_to": SECOND}),
        (ReferredOffline, {"why": "overdue", "withdrawn": True}),
    )
    found.until(at("25T06:00")).then(
        (ConsultationOverdue, {"channel_id": SECOND, "answer_by": "2022-12-25T06:00:00+08:00"}),
        (ReferredOffline, {"why": "overdue", "channel_id": SECOND}),
    )


def test_an_overdue_request_whose_channel_closes_where_no_other_fits_is_referred_for_want_of_a_channel() -> None:
    found = after(overdue_there(), online(is_closed("25T05:00")), "25T05:00")

    found.then(
        (ConsultationQueued, {"withdrawn": True}),
        (ReferredOffline, {"why": "overdue", "withdrawn": True}),
        (ReferredOffline, {"why": "no_channel", "institution_id": CENTRE.institution_id}),
    )
    assert row(found).channel_id is None
    found.until(NOON).stays_quiet()


def test_a_channel_that_opens_before_the_new_time_is_over_takes_it() -> None:
    found = after(overdue_there(), online(is_closed("25T05:00")), "25T05:00")
    assert row(found).unplaced

    after(found, online(is_closed("25T05:00"), second()), "25T05:30").then(
        (ConsultationQueued, {"channel_id": SECOND, "answer_by": "2022-12-25T06:00:00+08:00"}),
        (ConsultationOverdue, {"channel_id": GREEN, "passed_to": SECOND}),
        (ReferredOffline, {"why": "no_channel", "withdrawn": True}),
    )


def test_where_no_institution_is_known_either_it_stays_on_the_work_list_and_is_overdue_once_more() -> None:
    found = after(overdue_there(institutions=()), online(is_closed("25T05:00"), institutions=()), "25T05:00")

    found.then(
        (ConsultationQueued, {"queued_at": "2022-12-25T05:00:00+08:00"}),
        (ReferredOffline, {"why": "overdue", "withdrawn": True}),
        (ReferredOffline, {"why": "no_channel"}),
    )
    assert row(found).answer_by == at("25T06:00")
    found.until(at("25T06:00")).then((ConsultationOverdue, {"answer_by": "2022-12-25T06:00:00+08:00"}))
    assert row(found).item is not None


def test_no_expert_of_a_closed_channel_is_given_an_overdue_request() -> None:
    queues = {GREEN: Queue((shift("e-1"),))}
    found = after(overdue_there(), online(is_closed("25T05:00"), queues=queues), "25T05:00")

    assert not [one for one in found.emitted if isinstance(one.event, ConsultationAssigned)]
    assert not row(found).waiting


def test_an_overdue_request_stays_where_it_is_whatever_opens_while_its_channel_is_open() -> None:
    found = after(overdue_there(), online(channel(), second(opened_at=at("25T04:30"))), "25T04:30")

    found.stays_quiet()


def test_what_was_held_before_the_channel_closed_was_held_there_whichever_is_read_first() -> None:
    context = online(is_closed("25T03:20"), second(), queues={GREEN: Queue((shift("e-1"),)), SECOND: Queue()})
    found = after(Story(CONSULTATION, online(channel())).given(requested()), context, "25T03:20")
    found.then((ConsultationQueued, {"channel_id": SECOND}))

    held = completed("25T03:10", prescription=prescription())
    found.when(held, received_at=at("25T03:25")).then((ConsultationClosed, {"channel_id": GREEN}))
    assert found.state.conclusions.prescribed


def test_what_was_held_after_the_channel_closed_was_held_in_the_next_whichever_is_read_first() -> None:
    context = online(is_closed("25T03:20"), second())
    found = Story(CONSULTATION, online(channel())).given(requested())
    found.when(completed("25T03:30"), received_at=at("25T03:31")).then((ConsultationClosed, {"channel_id": GREEN}))

    after(found, context, "25T03:32").then((ConsultationClosed, {"channel_id": SECOND}))


def test_what_was_known_to_be_over_when_the_closing_came_stays_where_it_was() -> None:
    context = online(is_closed("25T03:20", received="25T05:00"), second())
    found = (
        Story(CONSULTATION, online(channel()))
        .given(requested())
        .given(completed("25T03:30"), received_at=at("25T03:31"))
    )

    after(found, context, "25T05:00").stays_quiet()


@settings(deadline=None, max_examples=150)
@given(
    ends_at=INSTANTS,
    is_late=st.integers(0, 9),
    closes_at=INSTANTS,
    closing_is_late=st.integers(0, 9),
    is_held=st.booleans(),
    has_another=st.booleans(),
    is_overdue=st.booleans(),
)
def test_a_closing_and_the_end_of_a_consultation_end_the_same_in_either_order(
    ends_at: Any, is_late: int, closes_at: Any, closing_is_late: int, is_held: bool, has_another: bool, is_overdue: bool
) -> None:
    """Whichever is read first, whenever they were, and whenever they came; overdue or not."""
    shift_by = timedelta(hours=2 if is_overdue else 0)
    minutes = timedelta(minutes=1)
    ends_at, closes_at = ends_at + shift_by, closes_at + shift_by
    gone = channel(is_open=False, closed_at=closes_at, closing_received_at=closes_at + closing_is_late * minutes)
    others = (second(opened_at=at("25T04:30")),) if is_overdue else (second(),)
    context = online(gone, *(others if has_another else ()))
    read_at = max(ends_at, closes_at) + 10 * minutes
    end = completed() if is_held else cancelled()
    end = end.model_copy(update={"completed_at" if is_held else "cancelled_at": ends_at})

    def ending(story: Story) -> Story:
        return story.when(end, received_at=ends_at + is_late * minutes, watermark=read_at)

    def closing(story: Story) -> Story:
        story.context = context
        return story.woken(read_at)

    def begun() -> Story:
        return overdue_there() if is_overdue else Story(CONSULTATION, online(channel())).given(requested())

    one, other = closing(ending(begun())), ending(closing(begun()))
    assert _ends(one) == _ends(other)
    assert stated_anew(CONSULTATION, one.state) == stated_anew(CONSULTATION, other.state)


def _ends(story: Story) -> Any:
    return replace(story.state.conclusions, due=None, done={}), row(story)
