"""What consultation learns from which message: channels, consultations and prescriptions from reports, its copy of the
directory from events; a case learns nothing, it is told by what was asked under it.

Who frees an expert wakes the first who wait; a channel that changes wakes those who are in it, or look for one.
"""

from chassis.decide.aggregate import ITSELF, Aggregate, OfPerson, ReadModel, Wakes, on
from chassis.store.connection import sql
from chassis.store.replicas import replicated, revised
from schemas.events.directory import InstitutionDelisted, InstitutionListed
from schemas.reports.consultation import (
    ChannelClosed,
    ChannelOpened,
    ConsultationCancelled,
    ConsultationCompleted,
    ConsultationRequested,
    DeliveryReported,
    ExpertRostered,
    ExpertUnrostered,
    PrescriptionReviewed,
)
from services.consultation import context
from services.consultation.domain import care, channel, consultation, prescription
from services.consultation.domain.consultation.queue import AT_ONCE

PLACE = {"jurisdiction": "jurisdiction"}
LEAVES = ("channel_id", "open", "class_rank", "requested_at")
IN_ORDER = ("class_rank", "requested_at", "key")
MORE = 64
"""So many of those who wait are looked at when more places are free than one; one who is served while places are left
has the next ones looked at."""

CONSULTATION = Aggregate(
    "consultation",
    consultation.Facts,
    consultation.Conclusions,
    consultation.conclude,
    consultation.announce,
    learns=(
        on(ConsultationRequested, consultation.learn_requested),
        on(ConsultationCancelled, consultation.learn_cancelled),
        on(ConsultationCompleted, consultation.learn_completed),
    ),
    context=context.online,
    adds_up=consultation.with_taken,
    table=ReadModel(
        "consultation_request",
        consultation.COLUMNS,
        consultation.row,
        wakes=(
            # who leaves, or goes back in the queue, frees at most one place; who is served while many are free calls
            Wakes(ITSELF, "was", {"channel_id": "channel_id"}, {"waiting": True}, LEAVES, AT_ONCE, IN_ORDER),
            Wakes(ITSELF, "is", {"channel_id": "calls"}, {"waiting": True}, ("calls",), MORE, IN_ORDER),
        ),
        as_figures=sql("erase_consultations", "services.consultation.sql"),
    ),
    wakes=consultation.wakes,
    of_person=OfPerson("consultation", lambda facts: facts.person_refs, lambda facts: facts.names),
)
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
    context=context.institutions,
    states=channel.states,
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
        revised("consultation_channel"),
        wakes=(
            # who looks for a channel there; who is in one that closes, and who was when it was over, as that may have
            # been later; who waits for an expert, or may have lost one
            Wakes(
                CONSULTATION, "is", {"jurisdiction": "jurisdiction"}, {"unplaced": True}, ("jurisdiction", "is_open")
            ),
            Wakes(CONSULTATION, "was", {"channel_id": "key"}, {"open": True}, ("is_open",)),
            Wakes(CONSULTATION, "was", {"channel_id": "key"}, {"answer_by": None}, ("is_open",)),
            Wakes(CONSULTATION, "is", {"channel_id": "key"}, {"waiting": True}, ("shifts",), MORE, IN_ORDER),
            Wakes(CONSULTATION, "is", {"channel_id": "key"}, {"assigned": True}, ("shifts",)),
            Wakes(CONSULTATION, "is", {"channel_id": "key"}, {"unproven": True}, ("shifts",)),
        ),
    ),
)
PRESCRIPTION = Aggregate(
    "prescription",
    prescription.Facts,
    prescription.Conclusions,
    prescription.conclude,
    prescription.announce,
    learns=(
        on(PrescriptionReviewed, prescription.learn_review),
        on(DeliveryReported, prescription.learn_delivery),
    ),
    context=context.issues,
    states=prescription.states,
    table=ReadModel(
        "consultation_prescription",
        {
            "jurisdiction": "text",
            "district": "text",
            "review_by": "timestamptz",
            "review": "json",
            "deliver_by": "timestamptz",
            "delivery": "json",
            "plain_district": "text",
        },
        prescription.row,
    ),
    of_person=OfPerson("prescription"),
)
CASE = Aggregate(
    "case",
    care.Facts,
    care.Conclusions,
    care.conclude,
    care.announce,
    context=context.cares,
    states=care.states,
    of_person=OfPerson("case"),
)
INSTITUTION = replicated(
    "institution",
    InstitutionListed,
    InstitutionDelisted,
    {"jurisdiction": "text"},
    wakes=(
        # the channels of an institution; who is to be seen and has nowhere to go; whose institution is another, or gone
        Wakes(CHANNEL, "is", {"institution_id": "key"}),
        Wakes(CHANNEL, "was", {"institution_id": "key"}),
        Wakes(CONSULTATION, "is", PLACE, {"seeks": True}),
        Wakes(CONSULTATION, "was", {"referred_to": "key"}),
    ),
)

AGGREGATES = (CONSULTATION, CHANNEL, PRESCRIPTION, CASE, INSTITUTION)
