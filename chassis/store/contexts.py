"""What the rules of a batch need beyond their cases (a kind's `context`), and what the cases have taken of it so
far."""

from collections.abc import Mapping

from chassis.decide.aggregate import AnyAggregate
from chassis.store.locked_row import LockedRow
from chassis.store.outcome import Outcome


class Contexts:
    """The context of each case of one batch. Rules change none: what one case takes is added up here, for the next."""

    def __init__(self) -> None:
        self._of_case: dict[tuple[str, str], object] = {}
        self._of_all: dict[str, object] = {}

    def put(self, aggregate: AnyAggregate, found: Mapping[str, object]) -> None:
        """What was found for the keys of a kind; one for all of them where it is added up."""
        if aggregate.adds_up is None:
            self._of_case.update({(aggregate.name, key): context for key, context in found.items()})
        elif found:
            self._of_all[aggregate.name] = next(iter(found.values()))

    def of(self, case: LockedRow) -> object:
        """What the rules need for a case; None where its kind asks for nothing."""
        if case.aggregate.context is None:
            return None
        if case.aggregate.name in self._of_all:
            return self._of_all[case.aggregate.name]
        return self._of_case.get((case.aggregate.name, case.key))

    def put_back(self, outcome: Outcome) -> None:
        """After a judgement: the next case sees what this one has taken."""
        aggregate = outcome.case.aggregate
        if aggregate.adds_up is not None:
            self._of_all[aggregate.name] = outcome.context
