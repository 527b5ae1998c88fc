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
        """The types of all that was ever said of a day of 2020 in the commission's edition, in order."""
        rows = await self.archive(f"{jurisdiction}/2020-{written}")
        return [row["type"].split(".")[1] for row in rows if row["data"]["edition"] == "commission"]

    async def last_word(self, key: str, edition: str = "commission") -> dict[str, Any] | None:
        """The newest event of a key in one edition without its envelope, as a reader of the topic has it."""
        editions = [envelope for envelope in await self.archive(key) if envelope["data"]["edition"] == edition]
        newest = max(editions, key=lambda envelope: int(envelope["sequence"]), default=None)
        if newest is None or newest["data"].get("withdrawn"):
            return None
        return {name: value for name, value in newest["data"].items() if name != "before"}
