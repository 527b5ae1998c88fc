"""Services broken on purpose (`variants`): they take for said what nobody has said who may say it."""

import json
from typing import Any

import msgspec
from faststream.kafka import KafkaBroker

from chassis.consume.reader import WRONG_SOURCE, Reader, Record, Unprocessable
from tests.faults.injection.failpoints import patch


def reads_uncommitted() -> None:
    """What a publisher's transaction aborted is read as if it had been said."""
    original = KafkaBroker.subscriber

    def subscriber(self: Any, *topics: str, **options: Any) -> Any:
        return original(self, *topics, **{**options, "isolation_level": "read_uncommitted"})

    patch(KafkaBroker, "subscriber", subscriber)


def believes_any_source() -> None:
    """An event is true whoever states it."""
    original = Reader.read

    def read(self: Reader, record: Record) -> Any:
        found = original(self, record)
        if not isinstance(found, Unprocessable) or found.reason != WRONG_SOURCE:
            return found
        source = f"/services/{record.topic.partition('.')[0]}"
        believed = json.dumps(json.loads(record.value or b"") | {"source": source}).encode()
        return original(self, msgspec.structs.replace(record, value=believed))

    patch(Reader, "read", read)
