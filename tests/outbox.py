"""What tests say to a database in the relay's place."""

from typing import Final

ALL_SENT: Final = """
UPDATE shard_sent SET acknowledged = last, again = NULL FROM shard_stated WHERE shard_stated.shard = shard_sent.shard
"""
"""The bus has acknowledged all that was ever stated."""
AS_WRITTEN: Final = "ORDER BY recorded_at, ctid"
"""The archive in the order in which it was written, whatever the shards; nothing is ever deleted from it."""
