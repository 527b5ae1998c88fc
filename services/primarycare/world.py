"""What the rules of a case need beyond it: the service's own copy of the directory."""

from collections.abc import Mapping, Sequence

from chassis.copies import Copy
from chassis.store import Connection, sql
from services.primarycare.domain.institutions import Directory, Institution

_copy: Copy[Directory] = Copy("institution", Institution, Directory)


async def institutions(connection: Connection, keys: Sequence[str]) -> Mapping[str, Directory]:
    """The directory, one for all cases of a batch."""
    revision = await connection.fetchval(sql("read_revision", "services.primarycare.sql"))
    return dict.fromkeys(keys, await _copy.at(connection, revision))
