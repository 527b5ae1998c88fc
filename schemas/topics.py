"""The one drawing of who talks to whom: topics, their messages, both their ends, and what each event is about.

All topics have the same number of partitions, so that one case has one partition number everywhere; the number is fixed
for a topic's life. Order holds for each key within one topic and nowhere else.
"""

from functools import cache
from typing import Final

from schemas.events.bulletin import BulletinPublished, BulletinRestated
from schemas.events.contact import ContactRequested, ContactSettled
from schemas.events.directory import InstitutionDelisted, InstitutionListed
from schemas.events.discharge import (
    DischargeCriteriaLost,
    DischargeCriteriaMet,
    Discharged,
    DischargeRevoked,
    DischargeRuleViolated,
    OtherStayEnded,
)
from schemas.events.followup import (
    CallCompleted,
    CallRequested,
    FollowUpResumed,
    HealthAlertRaised,
    HomeVisitRequested,
    LostToFollowUp,
    QuarantineCancelled,
    QuarantineCompleted,
    QuarantineDayLogged,
    QuarantineDayMissed,
    QuarantineExtended,
    QuarantineHeld,
    QuarantinePaused,
    QuarantineResumed,
    QuarantineStarted,
    RetestedPositive,
    RetestMissed,
    ReturnVisitAttended,
    ReturnVisitMissed,
)
from schemas.events.intake import (
    CaseExcluded,
    CaseImported,
    LocalCaseConfirmed,
    TransferCompleted,
    TransferOverdue,
    TransferRequested,
)
from schemas.events.primarycare import (
    AlertClosed,
    AlertEscalated,
    AlertForwarded,
    LinkageAccepted,
    LinkageClosed,
    LinkageDeclined,
    LinkageEscalated,
    LinkageRequested,
    PrimaryCareNotified,
)
from schemas.events.rejections import ReportRejected
from schemas.events.treatment import (
    Admitted,
    ComorbidityRecorded,
    ImagingRecorded,
    SeverityAssessed,
    SymptomsRecorded,
    TestResultCorrected,
    TestResultRecorded,
    TestResultRetracted,
    TreatmentRecorded,
    VitalSignsRecorded,
)
from schemas.message import Message, Report
from schemas.online_topics import ONLINE_CARE
from schemas.reports.contact import ContactReported, SubscriptionSwitched
from schemas.reports.directory import InstitutionDeclared, InstitutionWithdrawn
from schemas.reports.discharge import DischargeApproved, DischargeCancelled, PatientDischarged
from schemas.reports.followup import (
    CallReported,
    DayReported,
    FollowUpEnded,
    ResidenceChanged,
    ReturnVisitReported,
)
from schemas.reports.intake import CaseWithdrawn, LocalCaseReported, TravellerArrived
from schemas.reports.primarycare import AlertAcknowledged, CareDelivered, LinkageAnswered
from schemas.reports.treatment import (
    AdmissionCancelled,
    ComorbidityReported,
    ImagingReported,
    PatientAdmitted,
    SeverityReported,
    SymptomsReported,
    TestResultReported,
    TreatmentGiven,
    VitalSignsReported,
)
from schemas.topic import VERSION, Thing, Topic, compacted, events, rejections, reports

_PLAN = ("episode", "discharged_at")
_EPISODE = Thing("episode", ("episode",))
_TRANSFER = Thing("transfer", ("episode", "kind", "leaves_at"))
_RESULT = Thing("result", ("lab", "result_id"))
_CRITERIA = Thing("criteria", ("episode",))
_DISCHARGE = Thing("discharge", ("episode",))
_CALL = Thing("call", ("call_id",))
_RETURN_VISIT = Thing("return_visit", (*_PLAN, "visit"))
_STANDING = Thing("standing", _PLAN)  # F8: one holds at a time; FollowUpResumed says that the plan runs again
_LINKAGE_ANSWER = Thing("linkage_answer", ("linkage_id", "institution_id"))
_INSTITUTION = Thing("institution")
_BULLETIN = Thing("bulletin", ("edition",))
_CONTACT = Thing("contact", ("delivery_id",))

TOPICS: Final[tuple[Topic, ...]] = (
    reports("directory", InstitutionDeclared, InstitutionWithdrawn, key="institution_id"),
    compacted(
        "directory",
        "institution_id",
        {InstitutionListed: _INSTITUTION, InstitutionDelisted: _INSTITUTION},
        to=("intake", "discharge", "primarycare", "consultation"),
    ),
    rejections("directory"),
    reports("intake", TravellerArrived, LocalCaseReported, CaseWithdrawn),
    events(
        "intake",
        {
            CaseImported: _EPISODE,
            LocalCaseConfirmed: _EPISODE,
            CaseExcluded: _EPISODE,
            TransferRequested: _TRANSFER,
            TransferCompleted: _TRANSFER,
            TransferOverdue: _TRANSFER,
        },
        to=("treatment", "discharge", "followup", "primarycare", "bulletin", "contact"),
    ),
    rejections("intake"),
    reports(
        "treatment",
        PatientAdmitted,
        AdmissionCancelled,
        TestResultReported,
        VitalSignsReported,
        SymptomsReported,
        ImagingReported,
        SeverityReported,
        TreatmentGiven,
        ComorbidityReported,
    ),
    events(
        "treatment",
        {
            Admitted: Thing("admission", ("institution_id", "admitted_at")),
            TestResultRecorded: _RESULT,
            TestResultCorrected: _RESULT,
            TestResultRetracted: _RESULT,
            VitalSignsRecorded: Thing("vital_signs", ("measured_at", "observer")),
            SymptomsRecorded: Thing("symptoms", ("observed_at", "observer")),
            ImagingRecorded: Thing("imaging", ("study_id",)),
            TreatmentRecorded: Thing("treatment", ("given_at", "category", "medication")),
            ComorbidityRecorded: Thing("comorbidity", ("condition",)),
            SeverityAssessed: Thing("severity", ("episode", "by")),
        },
        to=("intake", "discharge", "followup", "primarycare", "bulletin", "contact"),
    ),
    rejections("treatment"),
    reports("discharge", DischargeApproved, PatientDischarged, DischargeCancelled),
    events(
        "discharge",
        {
            DischargeCriteriaMet: _CRITERIA,
            DischargeCriteriaLost: _CRITERIA,
            Discharged: _DISCHARGE,
            DischargeRevoked: _DISCHARGE,
            DischargeRuleViolated: Thing("violation", ("episode",)),
            OtherStayEnded: Thing("other_stay", ("admitted_at",)),
        },
        to=("intake", "followup", "primarycare", "bulletin", "contact"),
    ),
    rejections("discharge"),
    reports("followup", DayReported, CallReported, ReturnVisitReported, ResidenceChanged, FollowUpEnded),
    events(
        "followup",
        {
            QuarantineStarted: Thing("plan", _PLAN),
            QuarantineDayLogged: Thing("slot", (*_PLAN, "day", "slot")),
            QuarantineDayMissed: Thing("missed_day", (*_PLAN, "day")),
            CallRequested: _CALL,
            CallCompleted: _CALL,
            HomeVisitRequested: _CALL,
            HealthAlertRaised: Thing("alert", ("alert_id",)),
            ReturnVisitMissed: _RETURN_VISIT,
            ReturnVisitAttended: _RETURN_VISIT,
            RetestMissed: Thing("missed_retest", (*_PLAN, "due_on")),
            RetestedPositive: Thing("retest", _PLAN),
            QuarantinePaused: _STANDING,
            QuarantineResumed: _STANDING,
            QuarantineExtended: Thing("extension", _PLAN),
            QuarantineHeld: _STANDING,
            QuarantineCompleted: _STANDING,
            QuarantineCancelled: _STANDING,
            LostToFollowUp: _STANDING,
            FollowUpResumed: _STANDING,
        },
        to=("intake", "primarycare", "contact"),
    ),
    rejections("followup"),
    reports("primarycare", LinkageAnswered, CareDelivered, AlertAcknowledged),
    events(
        "primarycare",
        {
            PrimaryCareNotified: Thing("notification", ("episode",)),
            LinkageRequested: Thing("linkage_request", ("linkage_id", "institution_id")),
            LinkageAccepted: _LINKAGE_ANSWER,
            LinkageDeclined: _LINKAGE_ANSWER,
            LinkageEscalated: Thing("linkage_escalation", ("linkage_id", "level")),
            LinkageClosed: Thing("linkage_end", ("linkage_id",)),
            AlertForwarded: Thing("alert_forwarding", ("alert_id", "institution_id")),
            AlertEscalated: Thing("alert_escalation", ("alert_id", "level")),
            AlertClosed: Thing("alert_end", ("alert_id",)),
        },
        to=("followup", "contact"),
    ),
    rejections("primarycare"),
    *ONLINE_CARE,
    compacted(
        "bulletin",
        "jurisdiction/date, and /public after it for the public edition",
        {BulletinPublished: _BULLETIN, BulletinRestated: _BULLETIN},
    ),
    reports("contact", ContactReported, SubscriptionSwitched, key="case_id or subscription_id"),
    events("contact", {ContactRequested: _CONTACT, ContactSettled: _CONTACT}, to=()),
    rejections("contact"),
)


@cache
def registry() -> dict[str, tuple[type[Message], Topic]]:
    """Type name → the message and the one topic it belongs to. ReportRejected, which has several, is not in it."""
    return {
        message.type_name(): (message, topic)
        for topic in TOPICS
        for message in topic.messages
        if message is not ReportRejected
    }


@cache
def topic_named(name: str) -> Topic:
    """Raises KeyError when the drawing has no such topic."""
    return {topic.name: topic for topic in TOPICS}[name]


def report_topic(type_name: str) -> Topic:
    """The topic that takes a type of report. Raises KeyError when the type is unknown, or no report."""
    message, topic = registry()[type_name]
    if not issubclass(message, Report):
        raise KeyError(type_name)
    return topic


def events_topic(service: str) -> Topic:
    """The topic on which a service states its events."""
    return topic_named(f"{service}.events.v{VERSION}")


def rejections_topic(service: str) -> Topic:
    """The topic on which a service answers reports. Raises KeyError for a service that takes none."""
    return topic_named(f"{service}.rejections.v{VERSION}")


def by_service(service: str) -> tuple[Topic, ...]:
    """The topics that a service reads, in the order of the drawing."""
    return tuple(topic for topic in TOPICS if service in topic.consumers)


def published_by(service: str) -> tuple[Topic, ...]:
    """The topics that a service writes, in the order of the drawing."""
    return tuple(topic for topic in TOPICS if topic.producer == service)
