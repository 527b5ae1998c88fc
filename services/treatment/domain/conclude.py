"""What follows for a case: the class of each episode, and which corrections correct nothing that is known."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from msgspec import Struct, field

from chassis.decide.judge import Clock, State
from services.treatment.domain.facts import Correction, Facts
from services.treatment.domain.results import unexplained
from services.treatment.domain.severity import Assessment, assess
from services.treatment.policy import CONFLICT_AFTER


class Conclusions(Struct, frozen=True, array_like=True):
    """How ill the patient is, in each episode, by rule and by report.

    `unexplained`: report ids of the corrections that were answered (`conflict`).
    """

    assessments: tuple[Assessment, ...] = ()
    due: datetime | None = None
    done: dict[str, str] = field(default_factory=dict)
    unexplained: tuple[str, ...] = ()


CaseState = State[Facts, Conclusions]


def conclude(facts: Facts, announced: Conclusions, clock: Clock, context: Mapping[str, str] | None) -> Conclusions:
    """S1 to S3, and *Things*: a correction of a result that nobody knows waits, and is answered."""
    answered = tuple(correction.report_id for correction in _answered(facts, clock))
    return Conclusions(assess(facts), due=clock.due, done=clock.done, unexplained=answered)


def _answered(facts: Facts, clock: Clock) -> Iterator[Correction]:
    """The corrections of which nobody had reported the result a day after they came. The answer stays."""
    if not facts.corrections:
        return
    waiting = {correction.report_id for correction in unexplained(facts)}
    for correction in facts.corrections:
        conflict = f"conflict {correction.report_id}"
        asked = correction.report_id in waiting or conflict in clock.done
        if asked and clock.lapsed(conflict, correction.received_at + CONFLICT_AFTER, answered=False):
            yield correction
