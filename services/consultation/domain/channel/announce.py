"""What is said of a channel: each gap of its roster, withdrawn when it is filled or the channel closes before (C4)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from chassis.decide.announcing import Announcer, Statement, Things, stating
from schemas.events.consultation import RosterGapFound
from services.consultation.domain.channel.conclude import ChannelState, Conclusions
from services.consultation.domain.channel.facts import Facts
from services.consultation.domain.channel.rosters import Gap
from services.consultation.policy import LOOK_AHEAD


def _by_beginning(gaps: Sequence[Gap]) -> Mapping[datetime, Gap]:
    return {gap.from_at: gap for gap in gaps}


def _gap(after: ChannelState, from_at: datetime, gap: Gap) -> Statement:
    about = {"channel_id": after.facts.channel_id, "institution_id": gap.institution_id}
    return Statement(RosterGapFound, from_at - LOOK_AHEAD, {**about, "from_": from_at, "until": gap.until})


announce: Announcer[Facts, Conclusions] = Announcer(
    {"roster_gap": Things(lambda state: state.conclusions.gaps, _by_beginning, _gap)}
)
states = stating(RosterGapFound)
