"""What the rules of a case need beyond it: where each institution is, by the service's own copy of the directory."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from chassis.store.connection import Connection, sql
from chassis.store.replicas import Replica
from schemas.reference import time_zone_of
from services.discharge.domain.conclude import Directory
from services.discharge.domain.facts import Place
from services.discharge.policy import DEFAULT_TIME_ZONE


class Institution(Struct, frozen=True):
    """What discharge reads of an entry of the directory."""

    institution_id: str
    jurisdiction: str
    district: str


def directory(entries: Sequence[Institution]) -> Directory:
    """Where each institution is; its zone is that of its jurisdiction."""
    return {
        entry.institution_id: Place(
            entry.jurisdiction, entry.district, time_zone_of(entry.jurisdiction) or DEFAULT_TIME_ZONE
        )
        for entry in entries
    }


_copy: Replica[Directory] = Replica("institution", Institution, directory)


async def places(connection: Connection, keys: Sequence[str]) -> Mapping[str, Directory]:
    """The directory, one for all cases of a batch."""
    revision = await connection.fetchval(sql("read_revision", "services.discharge.sql"))
    return dict.fromkeys(keys, await _copy.at(connection, revision))
