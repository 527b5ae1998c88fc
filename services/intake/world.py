"""What the choice of an institution needs beyond the case: a copy of the directory, and how many were sent where."""

from collections.abc import Mapping, Sequence
from datetime import date

from msgspec.json import Decoder

from chassis.copies import Copy
from chassis.store import Connection, sql
from services.intake.domain.institutions import Directory, Institution, World, directory

_copy: Copy[Directory] = Copy("institution", Institution, directory)
_sent = Decoder(list[tuple[str, date, int]])


async def institutions(connection: Connection, keys: Sequence[str]) -> Mapping[str, World]:
    """One world for all cases of a batch, so that those sent earlier in it count for those after them."""
    row = await connection.fetchrow(sql("read_world", "services.intake.sql"))
    known = await _copy.at(connection, row["revision"])
    sent = {(institution_id, day): transfers for institution_id, day, transfers in _sent.decode(row["sent"])}
    return dict.fromkeys(keys, World(known, sent))
