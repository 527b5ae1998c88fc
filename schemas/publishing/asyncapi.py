"""The whole system as one AsyncAPI 3.0 document, drawn from topics.py and the models."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from schemas.attributes import SOURCE_PATTERN, TRACE_PATTERN
from schemas.envelope import HEADERS
from schemas.message import Event, Message
from schemas.publishing.json_schema import meaning, schema_of, versioned_name
from schemas.services import EVERY_SERVICE
from schemas.topic import Thing, Topic, thing_defaults
from schemas.topics import TOPICS, by_service, published_by

Document = dict[str, Any]

EXAMPLES: Final = Path(__file__).parent.parent / "examples" / "valid"
BINDING_VERSION: Final = "0.5.0"
REPLICAS: Final = 3
"""What production should have; the embedded broker has one of each."""

_DESCRIPTION = (
    "From hospital reports to discharge, quarantine and follow-up. Reports go in: what somebody outside says happened. "
    "Events come out: what a service states as fact; of two events about one thing the one with the higher sequence "
    "holds, whatever order they are read in. Every record is a CloudEvent 1.0 in structured mode whose key is its "
    "subject; binary mode is accepted from publishers. Nothing on any topic identifies a person. `x-thing` says which "
    "thing an event has the last word on: its kind, and the fields of the envelope that name one; of an `instant` two "
    "spellings are the same, of a `civil_day` the date counts as it is written."
)


def document(version: str) -> Document:
    """The AsyncAPI document; `version` is that of the language."""
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Afterward", "version": version, "description": _DESCRIPTION},
        "defaultContentType": "application/cloudevents+json",
        "servers": {"bus": _server()},
        "channels": {topic.name: _channel(topic) for topic in TOPICS},
        "operations": dict(
            _operation(service, topic) for service in EVERY_SERVICE for topic in _read_and_written(service)
        ),
        "components": {
            "messages": {versioned_name(each): _message(each, topic) for each, topic in _all_messages().items()},
            "messageTraits": {"CloudEvent": _trait()},
            "schemas": {"Envelope": _envelope_schema(), **_data_schemas()},
        },
    }


def _all_messages() -> dict[type[Message], Topic]:
    return {message: topic for topic in TOPICS for message in topic.messages}


def _read_and_written(service: str) -> list[Topic]:
    return [*by_service(service), *published_by(service)]


def _server() -> Document:
    return {
        "host": "{bootstrap}",
        "protocol": "kafka",
        "description": "Any Kafka-protocol broker.",
        "variables": {"bootstrap": {"default": "localhost:9092", "description": "Bootstrap servers of the bus."}},
    }


def _channel(topic: Topic) -> Document:
    names = [versioned_name(message) for message in topic.messages]
    configuration = {
        "cleanup.policy": [topic.cleanup],
        "retention.ms": topic.retention_ms,
        "max.message.bytes": topic.max_message_bytes,
    }
    return {
        "address": topic.name,
        "description": f"From {topic.producer} to {', '.join(topic.consumers)}. Record key: {topic.key}.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "replicas": REPLICAS,
                "topicConfiguration": configuration,
                "bindingVersion": BINDING_VERSION,
            }
        },
    }


def _operation(service: str, topic: Topic) -> tuple[str, Document]:
    sends = topic.producer == service
    action, verb = ("send", "writes") if sends else ("receive", "reads")
    return f"{service}.{action}.{topic.name}", {
        "action": action,
        "channel": {"$ref": f"#/channels/{topic.name}"},
        "summary": f"{service} {verb} {topic.name}",
    }


def _message(message: type[Message], topic: Topic) -> Document:
    name = versioned_name(message)
    example = json.loads((EXAMPLES / f"{message.__name__}.json").read_text(encoding="utf-8"))
    about = topic.things.get(message)
    return {
        "name": message.type_name(),
        "title": message.__name__,
        "summary": meaning(message),
        "traits": [{"$ref": "#/components/messageTraits/CloudEvent"}],
        "payload": _payload(message),
        "bindings": {"kafka": {"key": {"type": "string", "description": topic.key}, "bindingVersion": BINDING_VERSION}},
        "examples": [{"name": name, "payload": example}],
        **({"x-thing": _thing(about, thing_defaults(message, about))} if about else {}),
    }


def _thing(thing: Thing, defaults: Mapping[str, str]) -> Document:
    """Which fields name what an event has the last word on, for readers that fold without our code."""
    named = [_naming(field, defaults.get(field)) for field in thing.fields]
    return {"kind": thing.kind, "named_by": [{"field": "subject"}, *named]}


def _naming(field: str, default: str | None) -> Document:
    instant = {"as": "instant"} if field.endswith("_at") else {}
    return {"field": f"data.{field}", **instant, **({"default": default} if default is not None else {})}


def _payload(message: type[Message]) -> Document:
    """The envelope, with what this message says of it: its type, its data and, for events, a sequence."""
    own = {
        "type": {"const": message.type_name()},
        "dataschema": {"const": message.schema_urn()},
        "data": {"$ref": f"#/components/schemas/{versioned_name(message)}"},
    }
    required = ["data", "sequence"] if issubclass(message, Event) else ["data"]
    return {
        "allOf": [
            {"$ref": "#/components/schemas/Envelope"},
            {"type": "object", "properties": own, "required": required},
        ]
    }


def _trait() -> Document:
    headers = {name: {"type": "string", "const": value.decode()} for name, value in HEADERS}
    return {
        "contentType": "application/cloudevents+json",
        "headers": {"type": "object", "properties": headers},
        "correlationId": {
            "location": "$message.payload#/correlationid",
            "description": "The id of the first message of the chain.",
        },
    }


def _envelope_schema() -> Document:
    instant = {"type": "string", "format": "date-time"}
    text = {"type": "string"}
    uuid = {**text, "format": "uuid"}
    return {
        "type": "object",
        "description": "CloudEvents 1.0 in structured mode.",
        "required": ["specversion", "id", "source", "type", "subject", "time"],
        "properties": {
            "specversion": {"const": "1.0"},
            "id": {**uuid, "description": "The identity of the message."},
            "source": {**text, "pattern": SOURCE_PATTERN, "description": "Who publishes, e.g. /services/discharge."},
            "type": text,
            "subject": {**text, "maxLength": 128, "description": "What it is about; also the record's key."},
            "partitionkey": {**text, "description": "Equal to subject."},
            "time": {**instant, "description": "When it happened in the world, not when it was sent."},
            "recordedtime": {**instant, "description": "When the publisher wrote it down."},
            "sequence": {**text, "pattern": "^[0-9]+$", "description": "Grows for each source and subject."},
            "hops": {
                **text,
                "pattern": "^[0-9]+$",
                "description": "Events between a report, or the clock, and this one; absent where there is none.",
            },
            "causationid": {**uuid, "description": "The id of the message that caused this one."},
            "correlationid": {**uuid, "description": "The id of the first message of the chain."},
            "traceparent": {**text, "pattern": TRACE_PATTERN, "description": "W3C trace context."},
            "datacontenttype": {"const": "application/json"},
            "dataschema": text,
            "data": {"type": "object"},
        },
    }


def _data_schemas() -> Document:
    """Each message's schema, and beside them, once each, the objects that they share."""
    schemas: Document = {}
    for message in _all_messages():
        schema = _with_lifted_references(schema_of(message))
        schemas |= schema.pop("$defs", {})
        schemas[versioned_name(message)] = {name: schema[name] for name in schema if name not in {"$id", "$schema"}}
    return schemas


def _with_lifted_references(schema: Document) -> Document:
    lifted: Document = json.loads(json.dumps(schema).replace("#/$defs/", "#/components/schemas/"))
    return lifted
