"""Where FastStream's hands end: records are taken as they are, and answers over HTTP are JSON."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from aiokafka import ConsumerRecord
from faststream.asgi import AsgiResponse
from faststream.kafka import KafkaMessage


async def take_as_they_are(records: Sequence[ConsumerRecord[Any, Any]]) -> KafkaMessage:
    """A parser that never raises: FastStream's own does on a header that is null or not UTF-8."""
    return KafkaMessage(body=b"", headers={}, raw_message=tuple(records), consumer=None)  # type: ignore[arg-type]


async def leave_as_they_are(message: KafkaMessage) -> Any:
    """The records that were taken."""
    return message.raw_message


def json_answer(body: Mapping[str, Any], status: int) -> AsgiResponse:
    """A body as JSON."""
    content = json.dumps(body, default=lambda value: value.isoformat()).encode()
    return AsgiResponse(content, status, {"content-type": "application/json"})
