"""What the choice of an institution needs beyond the case: a copy of the directory, and how many were sent where."""

from collections.abc import Mapping, Sequence
from datetime import date

from msgspec.json import Decoder

from chassis.store.connection import Connection, sql
from chassis.store.replicas import Replica
from services.intake.domain.institutions import Directory, Institution, Institutions, directory

_copy: Replica[Directory] = Replica("institution", Institution, directory)
_sent = Decoder(list[tuple[str, date, int]])


async def institutions(connection: Connection, keys: Sequence[str]) -> Mapping[str, Institutions]:
    """One for all cases of a batch; what each of them sends, `with_sent` adds up for those after it."""
    row = await connection.fetchrow(sql("read_context", "services.intake.sql"))
    known = await _copy.at(connection, row["revision"])
    sent = {(institution_id, day): transfers for institution_id, day, transfers in _sent.decode(row["sent"])}
    return dict.fromkeys(keys, Institutions(known, sent))
