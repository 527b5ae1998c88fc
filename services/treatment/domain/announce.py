"""What treatment states: every reported thing as recorded, and the severity of each episode."""

from collections.abc import Callable, Container, Iterable, Mapping
from operator import attrgetter
from typing import Any

from msgspec.structs import asdict

from chassis.decide.announcing import Announcer, Statement, Things
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
from schemas.message import CaseEvent
from services.treatment.domain.conclude import CaseState, Conclusions
from services.treatment.domain.facts import Correction, Fact, Facts, ResultVersion
from services.treatment.domain.results import Result, Versions, by_result
from services.treatment.domain.severity import Assessment
from services.treatment.domain.taken_back import admissions, imaging
from services.treatment.policy import CONFLICT_AFTER

FactsOf = tuple[Fact, ...]


def _by_key(facts: FactsOf) -> Mapping[Any, Fact]:
    return {fact.key: fact for fact in facts}


def _by_episode(assessments: tuple[Assessment, ...]) -> Mapping[Any, Assessment]:
    return {(assessment.episode, assessment.by): assessment for assessment in assessments}


def _not_the_very_same(was: FactsOf, now: FactsOf) -> tuple[FactsOf, FactsOf]:
    """Of facts only those that differ, as most of thousands are the very same objects."""
    before, after = {id(fact) for fact in was}, {id(fact) for fact in now}
    gone = tuple([fact for fact in was if id(fact) not in after])
    return gone, tuple([fact for fact in now if id(fact) not in before])


def _of_the_same_results(was: Versions, now: Versions) -> tuple[Versions, Versions]:
    """All versions of the results of which any differs."""
    gone, new = _not_the_very_same(was, now)
    touched = {version.of for version in (*gone, *new) if isinstance(version, ResultVersion)}
    return _of(was, touched), _of(now, touched)


def _of(versions: Iterable[ResultVersion], results: Container[Result]) -> Versions:
    return tuple([version for version in versions if version.of in results])


def _recorded(event: type[CaseEvent], *unsaid: str) -> Callable[[CaseState, object, Fact], Statement]:
    """A fact is said field by field. `unsaid`: the fields that no reader needs, beside `rank`."""

    def word(after: CaseState, key: object, fact: Fact) -> Statement:
        data = {"case_id": after.facts.case_id, **_emitted(fact)}
        for name in unsaid:
            del data[name]
        return Statement(event, fact.at, data)

    return word


def _facts(fields: Callable[[Facts], FactsOf], event: type[CaseEvent]) -> Things[Facts, Conclusions]:
    """Facts of which each has one event."""
    return Things(lambda state: fields(state.facts), _by_key, _recorded(event), differing=_not_the_very_same)


def _emitted(fact: Fact) -> dict[str, Any]:
    data = asdict(fact)
    del data["rank"]
    data.pop("ranks", None)
    if data.get("observer") == "":
        del data["observer"]
    return data


def _result(after: CaseState, result: Result, versions: Versions) -> Statement:
    """The result as it now stands, with every version that led there, so that whoever reads only this knows all.

    A result that is corrected before what it corrects has come is recorded as it stands.
    """
    *before, now = map(_emitted, versions)
    holds, data = versions[-1], {"case_id": after.facts.case_id, **now}
    *earlier, old = before or (None,)
    if holds.status == "retracted":
        return Statement(TestResultRetracted, holds.resulted_at, {**data, "old": old, "earlier": tuple(earlier)})
    if old is None:
        return Statement(TestResultRecorded, holds.resulted_at, data)
    data |= {"old": old, "new": now, "earlier": tuple(earlier)}
    return Statement(TestResultCorrected, holds.resulted_at, data)


def _severity(after: CaseState, key: object, assessment: Assessment) -> Statement:
    history = tuple(map(asdict, assessment.history))
    data = {"case_id": after.facts.case_id, **asdict(assessment), "history": history}
    return Statement(SeverityAssessed, assessment.assessed_at, data)


def _answers(state: CaseState) -> tuple[Correction, ...]:
    """The corrections that were answered."""
    answered = state.conclusions.unexplained
    return tuple([one for one in state.facts.corrections if one.report_id in answered]) if answered else ()


def _conflict(after: CaseState, key: object, correction: Correction) -> Statement:
    data = {
        "report_id": correction.report_id,
        "report_type": correction.report_type,
        "source": correction.source,
        "code": "conflict",
        "reason": "this corrects or retracts a result that nobody has reported; name it by lab and result_id",
        "at": "result_id",
    }
    return Statement(ReportRejected, correction.received_at + CONFLICT_AFTER, data)


announce: Announcer[Facts, Conclusions] = Announcer(
    {
        "admission": Things(lambda state: admissions(state.facts), _by_key, _recorded(Admitted)),
        "result": Things(attrgetter("facts.results"), by_result, _result, differing=_of_the_same_results),
        "vital_signs": _facts(attrgetter("vital_signs"), VitalSignsRecorded),
        "symptoms": _facts(attrgetter("symptoms"), SymptomsRecorded),
        "imaging": _facts(imaging, ImagingRecorded),
        "treatment": _facts(attrgetter("treatments"), TreatmentRecorded),
        "comorbidity": Things(
            attrgetter("facts.comorbidities"),
            _by_key,
            _recorded(ComorbidityRecorded, "recorded_at"),
            differing=_not_the_very_same,
            is_about_an_instant=False,
        ),
        "severity": Things(attrgetter("conclusions.assessments"), _by_episode, _severity),
        "rejection": Things(_answers, _by_key, _conflict),
    }
)
