"""What is judged beyond one thing: the channels, the directory, the queues, and what consultations have said.

The queue of a channel is held by one transaction at a time, to its commit.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec.json import Decoder

from chassis.store.connection import Connection, sql
from chassis.store.replicas import Replica
from services.consultation.domain.care import Care
from services.consultation.domain.consultation import Channel, Channels, Online, Queue, Shift
from services.consultation.domain.consultation.queue import HEADS
from services.consultation.domain.institutions import Directory, Institution
from services.consultation.domain.prescription import Issue

_PACKAGE = "services.consultation.sql"
_directory: Replica[Directory] = Replica("institution", Institution, Directory)
_channels: Replica[Channels] = Replica("consultation_channel", Channel, Channels)
_queues = Decoder(dict[str, tuple[tuple[Shift, ...], dict[str, int], tuple[tuple[int, datetime, str], ...]]])
_issue = Decoder(Issue)
_cares = Decoder(tuple[Care, ...])


async def online(connection: Connection, keys: Sequence[str]) -> Mapping[str, Online]:
    """One for all consultations of a batch; what each of them takes `with_taken` adds up for those after it.

    Holds the channels in which they are: of the others it has no queue, and who comes to one is judged again.
    """
    await connection.execute(sql("lock_channels", _PACKAGE), list(keys))
    row = await connection.fetchrow(sql("read_queues", _PACKAGE), list(keys), HEADS)
    channels = await _channels.at(connection, row["channels"])
    known = await _directory.at(connection, row["institutions"])
    queues = {channel_id: Queue.of(*parts) for channel_id, parts in _queues.decode(row["queues"]).items()}
    return dict.fromkeys(keys, Online(channels, known, queues))


async def copies(connection: Connection) -> tuple[Channels, Directory]:
    """The channels, and the directory."""
    row = await connection.fetchrow(sql("read_queues", _PACKAGE), [], HEADS)
    return await _channels.at(connection, row["channels"]), await _directory.at(connection, row["institutions"])


async def institutions(connection: Connection, keys: Sequence[str]) -> Mapping[str, Directory]:
    """The directory, one for all channels of a batch."""
    revision = await connection.fetchval(sql("read_revision", _PACKAGE))
    return dict.fromkeys(keys, await _directory.at(connection, revision))


async def issues(connection: Connection, keys: Sequence[str]) -> Mapping[str, Issue]:
    """Each prescription as the consultation has it in which it was written; of some nothing is known."""
    rows = await connection.fetch(sql("read_issues", _PACKAGE), list(keys))
    return {row["key"]: _issue.decode(row["issue"]) for row in rows}


async def cares(connection: Connection, keys: Sequence[str]) -> Mapping[str, tuple[Care, ...]]:
    """What was asked under each case."""
    rows = await connection.fetch(sql("read_cares", _PACKAGE), list(keys))
    return {row["key"]: _cares.decode(row["cares"]) for row in rows}
