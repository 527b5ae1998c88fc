"""D4 and D5: two consecutive negatives, or somebody who stays positive and whose panel overrides.

Source: trial versions 6 to 9, criteria for discharge; not required from version 10 on.
"""

from datetime import datetime

from services.discharge.domain.conclusions import Criterion
from services.discharge.domain.known import Known
from services.discharge.domain.swabs import Verdict, changes, read_swabs, second_from
from services.discharge.domain.timeline import MORE_THAN, held_since
from services.discharge.policy import TwoNegatives


def two_negatives(known: Known) -> Criterion | None:
    """D4. Two consecutive negatives on respiratory specimens; not a criterion of version 10."""
    rule, swabs = known.protocol.two_negatives, known.swabs
    if rule is None or swabs is None:
        return None
    if swabs.enough:
        return Criterion("two_negatives", True, _enough_since(known, rule), _ends(swabs.run))
    next_possible_at = second_from(swabs.run[0], known.episode, rule) if swabs.run else None
    at_the_earliest = max(next_possible_at, known.instant) if next_possible_at else None
    return Criterion("two_negatives", False, None, _ends(swabs.verdicts[-1:]), at_the_earliest)


def persistently_positive(known: Known) -> Criterion | None:
    """D5. Still detected more than 28 days after the first positive: eligible through the panel's override alone.

    Takes the place of D4 when met; said beside it while the last test is positive; else not at all.
    """
    rule, swabs, after = known.protocol.two_negatives, known.swabs, known.protocol.persistent_after
    if rule is None or swabs is None or after is None or not swabs.positive:
        return None
    first = next(verdict for verdict in swabs.verdicts if verdict.positive)
    eligible_at = first.collected_at + after + MORE_THAN
    override = next((approval.at for approval in known.approvals if approval.override), None)
    evidence = _ends([first, swabs.verdicts[-1]])
    if known.instant < eligible_at:
        return Criterion("persistently_positive", False, None, evidence, eligible_at)
    if override is None:
        return Criterion("persistently_positive", False, None, evidence)
    since = max(eligible_at, override, _positive_since(known, rule))
    return Criterion("persistently_positive", True, since, (*evidence, f"approval@{override.isoformat()}"))


def _enough_since(known: Known, rule: TwoNegatives) -> datetime:
    def enough(at: datetime) -> bool:
        return read_swabs(known.results, at, known.episode, rule).enough

    *earlier, last = changes(known.results)
    return held_since(earlier, enough, before=False) or last


def _positive_since(known: Known, rule: TwoNegatives) -> datetime:
    def positive(at: datetime) -> bool:
        return read_swabs(known.results, at, known.episode, rule).positive

    *earlier, last = changes(known.results)
    return held_since(earlier, positive, before=False) or last


def _ends(verdicts: list[Verdict]) -> tuple[str, ...]:
    """The evidence: the first and the last of some tests."""
    return tuple(dict.fromkeys(verdict.result_id for verdict in (verdicts[:1] + verdicts[-1:])))
