"""A structured log: a line of JSON on standard output for each event."""

import json
import sys
from typing import TextIO

from services.contact.adapters.port import DELIVERED, Letter, Result


class Log:
    """Lines for whoever collects the output of this process."""

    def __init__(self, subscription_id: str, stream: TextIO | None = None) -> None:
        self._subscription_id = subscription_id
        self._stream = stream

    async def deliver(self, letter: Letter) -> Result:
        """Writes the line, whole."""
        line = {"subscription": self._subscription_id, "id": letter.event_id, **letter.content}
        stream = self._stream or sys.stdout
        stream.write(json.dumps(line, ensure_ascii=False) + "\n")
        stream.flush()
        return DELIVERED
