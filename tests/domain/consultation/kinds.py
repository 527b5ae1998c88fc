"""The kinds that these tests tell stories of, and whose channels and prescriptions they are. December 2022, Beijing."""

from datetime import datetime
from typing import Any

from chassis.decide.aggregate import Aggregate, ReadModel, on
from schemas.reports.consultation import ChannelClosed, ChannelOpened, ExpertRostered, ExpertUnrostered
from services.consultation.domain import channel
from services.consultation.domain.institutions import Directory, Institution

CHANNEL = Aggregate(
    "channel",
    channel.Facts,
    channel.Conclusions,
    channel.conclude,
    channel.announce,
    learns=(
        on(ChannelOpened, channel.learn_opened),
        on(ChannelClosed, channel.learn_closed),
        on(ExpertRostered, channel.learn_rostered),
        on(ExpertUnrostered, channel.learn_unrostered),
    ),
    table=ReadModel(
        "consultation_channel",
        {
            "jurisdiction": "text",
            "district": "text",
            "institution_id": "text",
            "is_open": "boolean",
            "entry": "json",
            "shifts": "json",
            "gap_from": "timestamptz",
            "gap": "json",
            "plain_district": "text",
        },
        channel.row,
    ),
)

HOSPITAL, ELSEWHERE, CHANNEL_ID = "bj-children", "bj-other", "bj-children-online"
BEIJING = Directory(
    (
        Institution(HOSPITAL, "internet_hospital", "CN-BJ", "Xicheng", name="Children's hospital online"),
        Institution(ELSEWHERE, "internet_hospital", "CN-BJ", "Haidian", name="Another hospital online"),
    )
)
NOWHERE = Directory(())


def at(written: str) -> datetime:
    """`12-09T08:00` of 2022 in Beijing, or `2023-01-01T08:00`."""
    return datetime.fromisoformat(f"{written if written.startswith('20') else f'2022-{written}'}:00+08:00")


def opened(when: str, **changed: Any) -> ChannelOpened:
    """A 24-hour channel of the children's hospital."""
    fields = {
        "channel_id": CHANNEL_ID,
        "institution_id": HOSPITAL,
        "name": "Children online",
        "departments": ("respiratory_medicine", "general_medicine"),
        "priority_groups": ("child",),
        "open_24h": True,
        "opened_at": at(when),
    }
    return ChannelOpened.model_validate({**fields, **changed})


def closed(when: str | None = None) -> ChannelClosed:
    """The channel is no more, from an instant on or from when this was written down."""
    return ChannelClosed(channel_id=CHANNEL_ID, closed_at=at(when) if when else None)


def rostered(begins: str, ends: str, expert: str = "e-1", **changed: Any) -> ExpertRostered:
    """A prescriber of respiratory medicine has a shift."""
    fields = {"department": "respiratory_medicine", "prescriber": True, "from_": at(begins), "until": at(ends)}
    return ExpertRostered.model_validate({"channel_id": CHANNEL_ID, "expert_ref": expert, **fields, **changed})


def unrostered(begins: str, expert: str = "e-1") -> ExpertUnrostered:
    """The shift that begins then is taken back."""
    return ExpertUnrostered(channel_id=CHANNEL_ID, expert_ref=expert, from_=at(begins))
