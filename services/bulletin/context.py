"""What the rules need beyond a day: the figures of its cases, and what its public edition is drawn from.

Both are asked in SQL for a whole batch at once.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from msgspec.json import Decoder

from chassis.store.connection import Connection, columns, joining_freely, sql
from services.bulletin.domain.day import Conclusions, Counts, Facts

_PACKAGE = "services.bulletin.sql"
_counts = Decoder(Counts)
_day = Decoder(tuple[Facts, Conclusions])


async def count_days(connection: Connection, keys: Sequence[str]) -> Mapping[str, Counts]:
    """The counts of each asked day; a key is `<jurisdiction>/<date>`. Holds their jurisdictions to the commit."""
    asked = [(key, jurisdiction, date.fromisoformat(day)) for key in keys for jurisdiction, day in [key.split("/")]]
    names, jurisdictions, days = columns(asked, 3)
    await connection.execute(sql("lock_jurisdictions", _PACKAGE), jurisdictions)
    async with joining_freely(connection):
        rows = await connection.fetch(sql("count_days", _PACKAGE), names, jurisdictions, days)
    return {row["key"]: _counts.decode(row["counts"]) for row in rows}


async def days(connection: Connection, keys: Sequence[str]) -> Mapping[str, Conclusions]:
    """What the day of each public edition stands at; a key is `<jurisdiction>/<date>/public`."""
    asked = {key.removesuffix("/public"): key for key in keys}
    rows = await connection.fetch(sql("read_days", _PACKAGE), list(asked))
    return {asked[row["key"]]: _day.decode(row["document"])[1] for row in rows}
