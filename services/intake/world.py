"""What the choice of an institution needs beyond the case: a copy of the directory, and how many were sent where."""

from collections.abc import Mapping, Sequence
from datetime import date

from msgspec.json import Decoder

from chassis.copies import Copy
from chassis.store import Connection, sql
from services.intake.domain.institutions import Directory, Institution, Institutions, directory

_copy: Copy[Directory] = Copy("institution", Institution, directory)
_sent = Decoder(list[tuple[str, date, int]])


async def institutions(connection: Connection, keys: Sequence[str]) -> Mapping[str, Institutions]:
    """One for all cases of a batch; what each of them sends, `with_sent` adds up for those after it."""
    row = await connection.fetchrow(sql("read_world", "services.intake.sql"))
    known = await _copy.at(connection, row["revision"])
    sent = {(institution_id, day): transfers for institution_id, day, transfers in _sent.decode(row["sent"])}
    return dict.fromkeys(keys, Institutions(known, sent))
