"""D6: since when the criteria have all been met, or when they were lost, as the facts tell it.

Drawn from the facts alone, never from what was said before: so in whichever order reports come, the same stands.
"""

from datetime import datetime

from services.discharge.domain.conclusions import CriteriaStanding
from services.discharge.domain.criteria import Judgement, judge
from services.discharge.domain.known import Known
from services.discharge.domain.timeline import INSTANT


def criteria_standing(judged: Judgement) -> CriteriaStanding | None:
    """What stands: all met, since the instant at which the last one became true; or lost again.

    The criteria are drawn as of that very instant, so what comes to be known of a later time changes nothing of what
    was said. None while nobody is known to be in hospital, and where they have never been met.

    `judged`: as of now while the patient is in hospital; for a discharged one as of the discharge, which so ends their
    standing: nothing that happens from then on announces them or takes them back. In the ordinary order nothing is said
    at the discharge either, since the same stood just before; only where a report about the stay comes after that of
    its end is the difference said, so that whoever folds holds the same as if it had come in time.
    """
    episode = judged.known.episode
    begins = episode.admitted_at
    if begins is None or judged.known.local < begins:
        return None
    at = _met_since(judged, begins) if judged.met else _lost_at(judged, begins)
    if at is None:
        return None
    then = judge(Known(judged.known.chart, at))
    return CriteriaStanding(episode.number, judged.met, at, then.protocol, then.criteria)


def _met_since(judged: Judgement, begins: datetime) -> datetime:
    turned = (judged.protocol_from, *(criterion.since for criterion in judged.criteria))
    return max([begins, *(at for at in turned if at is not None)])


def _lost_at(judged: Judgement, begins: datetime) -> datetime | None:
    """The end of the last time at which all were met; None where there was none.

    Looks back from one judgement to the last instant before which each unmet criterion may have been met.
    """
    if not judged.known.within_reach:
        return None
    while (turn := _turn(judged)) is not None and turn > begins:
        judged = judge(Known(judged.known.chart, turn - INSTANT))
        if judged.met:
            return turn
    return None


def _turn(judged: Judgement) -> datetime | None:
    """The earliest instant from which on some criterion has been unmet, or another protocol in force."""
    turns = [rule.unmet_from(judged.known) for rule in judged.unmet]
    unmet_from = min((turn for turn in turns if turn is not None), default=None) if None not in turns else None
    bounds = [at for at in (unmet_from, judged.protocol_from) if at is not None]
    return max(bounds, default=None)
