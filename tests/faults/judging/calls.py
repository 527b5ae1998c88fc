"""The calls and home visits that followup has asked for and that are open: what the people who make them go by."""

from typing import Any

from afterward.demo.listener import Listener
from schemas.envelope import Envelope, read
from schemas.events.followup import CallRequested, HomeVisitRequested
from schemas.folding import ThingKey, thing
from schemas.topics import events_topic

CALLS = events_topic("followup").name
_ASKING = frozenset({CallRequested.type_name(), HomeVisitRequested.type_name()})


class Calls(Listener):
    """Reads followup's events as they come, and folds them: the last word on each call."""

    def __init__(self, bootstrap_servers: str) -> None:
        super().__init__(bootstrap_servers, "nobody of interest")
        self._last: dict[ThingKey, Envelope] = {}

    def open(self) -> list[dict[str, Any]]:
        """What the standing requests say, oldest first. Ask only while the stack is quiet."""
        last = self._last.values()
        asked = [event for event in last if event.type in _ASKING and not event.data.get("withdrawn")]
        return [event.data for event in sorted(asked, key=lambda event: event.time)]

    async def _listen(self) -> None:
        while True:
            for partition, records in (await self._consumer.getmany(timeout_ms=200)).items():
                if partition.topic == CALLS:
                    for record in records:
                        self._note(read(record.value, record.headers))

    def _note(self, event: Envelope) -> None:
        about = thing(event.type, event.subject, event.data)
        known = self._last.get(about)
        if about[0] == "call" and (known is None or (event.sequence or 0) > (known.sequence or 0)):
            self._last[about] = event
