"""What the rules of a case need beyond it: the service's own copy of the directory."""

from collections.abc import Mapping, Sequence

from chassis.store.connection import Connection, sql
from chassis.store.replicas import Replica
from services.primarycare.domain.institutions import Directory, Institution

_copy: Replica[Directory] = Replica("institution", Institution, Directory)


async def institutions(connection: Connection, keys: Sequence[str]) -> Mapping[str, Directory]:
    """The directory, one for all cases of a batch."""
    revision = await connection.fetchval(sql("read_revision", "services.primarycare.sql"))
    return dict.fromkeys(keys, await _copy.at(connection, revision))
