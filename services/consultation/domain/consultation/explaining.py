"""Where a patient would be sent who asks, why, and why not elsewhere (C2)."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from schemas.reports.consultation import ConsultationRequested
from schemas.validation import validate
from services.consultation.domain.consultation import Channel, Channels
from services.consultation.domain.consultation.facts import Request
from services.consultation.domain.consultation.referral import Referral, refer
from services.consultation.domain.consultation.routing import class_of
from services.consultation.domain.institutions import Directory
from services.consultation.policy import answer_within


def request_of(asked: Mapping[str, Any], now: datetime) -> Request:
    """A request as if it came now. `asked`: fields of a `ConsultationRequested` that say who the patient is.

    Raises Invalid.
    """
    given = {"consultation_id": "asked", "person_ref": "nobody", "requested_at": now.isoformat(), "mode": "text"}
    report = validate(ConsultationRequested, given | dict(asked))
    return Request(
        "",
        now,
        report.person_ref,
        report.jurisdiction,
        now,
        channel_id=report.channel_id,
        district=report.district,
        age_months=report.age.months if report.age else None,
        groups=report.groups,
        symptoms=report.symptoms,
        red_flags=report.red_flags,
    )


def routed(request: Request, channels: Channels, directory: Directory) -> dict[str, Any]:
    """The class and the channel of a request, the channels that are not for it, and where the patient is referred."""
    priority, channel_id = class_of(request), channels.choose(request)
    chosen = channels.entry(channel_id) if channel_id is not None else None
    within = answer_within(request.jurisdiction, request.requested_at.date(), priority)
    grounds = [Referral("red_flag", request.requested_at)] if priority == "red_flag" else []
    grounds += [] if chosen else [Referral("no_channel", request.requested_at)]
    found = [refer(request, ground, directory, None) for ground in grounds]
    return {
        "priority": priority,
        "answer_within_minutes": int(within.total_seconds() // 60),
        "channel_id": channel_id,
        "channel": chosen.name if chosen else None,
        "because": ", ".join(_because(chosen, request)) if chosen else None,
        "not": [{"channel_id": one.channel.channel_id, "why": one.why} for one in channels.misfits(request)],
        "referrals": [{"why": one.why, "institution_id": one.institution_id} for one in found],
    }


def _because(chosen: Channel, request: Request) -> Iterator[str]:
    if chosen.channel_id == request.channel_id:
        yield "the patient names it"
        return
    groups = request.belongs_to
    named = [group for group in groups if chosen.is_for(group)]
    if "child" in groups and chosen.is_for_children_only:
        yield "it is for children"
    elif named:
        yield f"it is for: {', '.join(named)}"
    yield f"it is open in {request.jurisdiction}"
    if not named:
        yield "its departments see such symptoms"
