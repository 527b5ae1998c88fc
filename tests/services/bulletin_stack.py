"""The bulletin service without a bus, asked what stands of a day."""

from datetime import date
from typing import Any

from services.bulletin.views import bulletin
from tests.services.alone import Alone


class Bulletin(Alone):
    """The service alone, with its own questions."""

    async def standing(self, written: str, jurisdiction: str = "CN-SH") -> dict[str, Any] | None:
        """What stands of a day of 2020, by the service's own view."""
        return await bulletin(self.workers[0], jurisdiction, date.fromisoformat(f"2020-{written}"))

    async def emitted(self, written: str, jurisdiction: str = "CN-SH") -> list[str]:
        """The types of all that was ever said of a day of 2020, in order."""
        rows = await self.archive(f"{jurisdiction}/2020-{written}")
        return [row["type"].split(".")[1] for row in rows]

    async def last_word(self, key: str) -> dict[str, Any] | None:
        """The newest event of a key without its envelope, as a reader of the compacted topic has it."""
        newest = max(await self.archive(key), key=lambda envelope: int(envelope["sequence"]), default=None)
        if newest is None or newest["data"].get("withdrawn"):
            return None
        return {name: value for name, value in newest["data"].items() if name != "before"}
