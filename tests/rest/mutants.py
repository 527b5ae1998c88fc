"""Rules that answer themselves, through other services: what the harness is there to see.

The first three are how the rules of this repository were once written; the last two are invented, as one might.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from importlib import import_module
from typing import Any
from unittest.mock import patch

from services.discharge.domain.as_of import EpisodeFacts
from services.discharge.domain.discharges import Ended, Outcome
from services.discharge.domain.facts import Confirmation, Facts
from services.discharge.domain.stays import StayEnd
from services.followup.domain import alerts, evidence, retests
from services.followup.domain.basis import Basis
from services.followup.domain.retests import PositiveAgain
from services.followup.domain.rounds import Alert
from services.treatment.domain import announce as recorded

conclude, discharges, episodes = (
    import_module(f"services.discharge.domain.{name}") for name in ("conclude", "discharges", "episodes")
)
plans = import_module("services.followup.domain.conclude")
Replaced = Mapping[tuple[Any, str], Any]


@contextmanager
def broken(mutant: Replaced) -> Iterator[None]:
    """While it lasts, these rules are the mutant's."""
    with ExitStack() as stack:
        for (where, name), value in mutant.items():
            stack.enter_context(patch.object(where, name, value))
        yield


def _of_all_versions(facts: Facts, confirmation: Confirmation) -> datetime:
    collected = [known.collected_at for known in facts.results if known.result_id in confirmation.basis]
    return min([confirmation.at, *collected])


def _that_fall_in_it(ends: tuple[StayEnd, ...], of_episodes: list[EpisodeFacts], _positives: Any) -> list[Ended]:
    """The discharges of an episode end where the next one begins, which follows from them."""
    return [Ended(facts, list(_outcomes(facts, ends)), []) for facts in of_episodes]


def _outcomes(facts: EpisodeFacts, ends: tuple[StayEnd, ...]) -> Iterator[Outcome]:
    episode = facts.episode
    for end in ends:
        late = episode.admitted_at is None or episode.admitted_at <= end.discharge.at
        if episode.holds(end.discharge.at) and late:
            yield Outcome(facts, end)


def _of_this_plan(basis: Basis, facts: Any, tests: Any) -> PositiveAgain | None:
    """What counts for a re-test ends where the next plan begins, which follows from it."""
    own = tuple(test for test in tests if basis.holds(test.collected_at))
    within = tuple(one for one in evidence.alarming(basis, facts) if basis.until is None or one.at < basis.until)
    with patch.object(retests, "alarming", lambda *_: within):
        found: PositiveAgain | None = _positive_again(basis, facts, own)
        return found


_positive_again = plans.positive_again


def _fields(struct: Any) -> dict[str, Any]:
    return {name: getattr(struct, name) for name in struct.__struct_fields__}


def _open_ones_only() -> Callable[..., tuple[Alert, ...]]:
    """An alert that primary care has closed is none: so primary care has nothing to close."""
    every = alerts.Watch.alerts

    def only_open(self: alerts.Watch, asked: Any, refusal: Any) -> tuple[Alert, ...]:
        return tuple(alert for alert in every(self, asked, refusal) if alert.closed is None)

    return only_open


def _preliminary_once_confirmed(state: Any) -> Any:
    """What has confirmed a case need not be final any more: so it confirms nobody."""
    basis = {name for episode in state.facts.episodes if episode.stands for name in episode.basis}
    return tuple(
        type(one)(**{**_fields(one), "status": "preliminary"}) if one.result_id in basis else one
        for one in state.facts.results
    )


ANSWERED_FOR_EVER: Replaced = {
    (recorded, "table"): {
        **recorded.table,
        "result": replace(recorded.table["result"], source=_preliminary_once_confirmed),
    }
}
AS_IT_FALLS: Replaced = {(conclude, "outcomes"): _that_fall_in_it}
UP_TO_THE_NEXT: Replaced = {(plans, "positive_again"): _of_this_plan}
AS_IT_WAS: Replaced = {**AS_IT_FALLS, **UP_TO_THE_NEXT, (episodes, "_ill_from"): _of_all_versions}
CIRCULAR: Mapping[str, Replaced] = {
    "an episode begins by the earliest of all versions of its result": AS_IT_WAS,
    "an episode has the discharges up to where the next one begins": AS_IT_FALLS,
    "a plan has the re-tests up to where the next one begins": UP_TO_THE_NEXT,
    "a closed alert is none": {(alerts.Watch, "alerts"): _open_ones_only()},
    "two services answer each other for ever": ANSWERED_FOR_EVER,
}
