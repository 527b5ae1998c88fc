"""D4 and D5: two consecutive negatives, or somebody who stays positive and whose panel overrides.

Source: trial versions 6 to 9, criteria for discharge; not required from version 10 on.
"""

from datetime import datetime

from services.discharge.domain.conclusions import Criterion
from services.discharge.domain.known import Known
from services.discharge.domain.swabs import Verdict, second_from
from services.discharge.domain.timeline import MORE_THAN, last_by


def two_negatives(known: Known) -> Criterion | None:
    """D4. Two consecutive negatives on respiratory specimens; not a criterion of version 10."""
    rule, swabs = known.protocol.two_negatives, known.swabs
    if rule is None or swabs is None:
        return None
    if swabs.run and swabs.enough:
        _, since = known.chart.swabs(rule).enough.at(known.local)
        return Criterion("two_negatives", True, since, _evidence(*swabs.run))
    at_the_earliest = max(second_from(swabs.run[0], known.episode, rule), known.instant) if swabs.run else None
    return Criterion("two_negatives", False, None, _evidence(swabs.last) if swabs.last else (), at_the_earliest)


def persistently_positive(known: Known) -> Criterion | None:
    """D5. Still detected more than 28 days after the first positive: eligible through the panel's override alone.

    Takes the place of D4 when met; said beside it while the last test is positive; else not at all.
    """
    rule, swabs, after = known.protocol.two_negatives, known.swabs, known.protocol.persistent_after
    if rule is None or swabs is None or after is None:
        return None
    first, last = swabs.first_positive, swabs.last
    if first is None or last is None or not last.positive:
        return None
    eligible_at = first.collected_at + after + MORE_THAN
    override = known.override_from
    evidence = _evidence(first, last)
    if known.local < eligible_at:
        return Criterion("persistently_positive", False, None, evidence, eligible_at)
    if override is None:
        return Criterion("persistently_positive", False, None, evidence)
    _, positive_since = known.chart.swabs(rule).positive.at(known.local)
    since = max(eligible_at, override, positive_since or eligible_at)
    return Criterion("persistently_positive", True, since, (*evidence, f"approval@{override.isoformat()}"))


def tests_unmet_from(known: Known) -> datetime | None:
    """Since when at least neither of the two has been met, where they are not.

    Where the panel has given its override, D5 may have been met until the last test came.
    """
    rule, results = known.protocol.two_negatives, known.chart.results
    if rule is None or (known.protocol.persistent_after is not None and known.override_from is not None):
        last = last_by(results, known.local)
        return results[last].at if last >= 0 else None
    _, since = known.chart.swabs(rule).enough.at(known.local)
    return since


def _evidence(*verdicts: Verdict) -> tuple[str, ...]:
    return tuple(dict.fromkeys([verdict.result_id for verdict in verdicts]))
