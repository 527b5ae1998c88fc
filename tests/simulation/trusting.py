"""Services that believe what they should not: what was aborted, whoever states an event, a store that has gone back."""

from typing import Any

from chassis.consume import reader
from chassis.store.epoch import Epochs
from tests.rest.mutants import ANSWERED_FOR_EVER
from tests.simulation import run
from tests.simulation.process import Broker
from tests.simulation.run import Broken


def answered_for_ever() -> Broken:
    """Waited for a minute only, which is enough for anything else with these faults: it costs as much as it lasts."""
    return {**ANSWERED_FOR_EVER, (run, "PATIENCE_SECONDS"): 60.0}


def reads_uncommitted() -> Broken:
    subscriber = Broker.subscriber

    def uncommitted(self: Broker, *topics: str, **options: Any) -> Any:
        return subscriber(self, *topics, **{**options, "isolation_level": "read_uncommitted"})

    return {(Broker, "subscriber"): uncommitted}


def believes_any_source() -> Broken:
    known: Any = reader._known

    def believing(model: Any, topic: Any, routed: Any) -> Any:
        return known(model, topic, routed)._replace(source=_Anybody())

    return {(reader, "_known"): believing}


class _Anybody:
    """Equal to whatever source an event has."""

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]


def no_epoch() -> Broken:
    async def begin(_epochs: Epochs) -> int:
        return 0

    async def same(_epochs: Epochs, connection: Any) -> Any:
        return connection

    return {(Epochs, "begin"): begin, (Epochs, "same"): same}
