"""What follows for a case: who is told of each discharge, who takes the patient on, who has seen each alert."""

from datetime import datetime

from msgspec import Struct

from chassis.decide.judge import Clock, State
from services.primarycare.domain.aftercare import Aftercare, aftercare
from services.primarycare.domain.alerts import Alert, dispatched, raised
from services.primarycare.domain.basis import bases
from services.primarycare.domain.facts import Facts
from services.primarycare.domain.institutions import Directory


class Conclusions(Struct, frozen=True, array_like=True):
    """All that follows for a case. `due`, `done`: the clock's (chassis.decide.judge.Clock)."""

    aftercare: tuple[Aftercare, ...] = ()
    alerts: tuple[Alert, ...] = ()
    due: datetime | None = None
    done: dict[str, str] = {}


CaseState = State[Facts, Conclusions]


def conclude(facts: Facts, announced: Conclusions, clock: Clock, context: Directory) -> Conclusions:
    """What follows: of each discharge who is told and who takes the patient on, of each alert who has seen it."""
    before = {one.key: one for one in announced.aftercare}
    stand = {basis.key: basis for basis in bases(facts)}
    found = {key: aftercare(basis, facts, before.get(key), clock, context) for key, basis in stand.items()}
    sent = {alert.alert_id: alert for alert in announced.alerts}
    alerts = [dispatched(one, sent.get(one.alert.alert_id), clock, context) for one in raised(facts, found, stand)]
    return Conclusions(tuple(found.values()), tuple(alerts), clock.due, clock.done)
