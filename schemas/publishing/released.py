"""The language as it was released last, and whether today's still keeps it.

`published/released.json` is a copy of every message and topic as of the last release, without what is for people.
`make release` writes it (`python -m afterward.release`); nothing else does.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from schemas.message import Message, Report
from schemas.publishing.compatibility import message_breaches, topic_breaches, without_words
from schemas.publishing.json_schema import schema_of, versioned_name
from schemas.topic import Topic, thing_defaults
from schemas.topics import TOPICS

RELEASED: Final = Path(__file__).parent.parent / "published" / "released.json"
ADVICE: Final = "Make a new major version beside it (docs/architecture/envelope.md#versions)"

Language = Mapping[str, Mapping[str, Any]]
"""`topics`: name → what it is kept by; `messages`: versioned name → topics, thing, whether a report, and schema."""


def read() -> Language:
    """As released last; empty where nothing was."""
    language: Language = json.loads(RELEASED.read_text(encoding="utf-8")) if RELEASED.exists() else {}
    return language


def in_code(topics: Sequence[Topic] = TOPICS) -> Language:
    """As it stands."""
    return {
        "topics": {
            topic.name: {"partitions": topic.partitions, "cleanup": topic.cleanup, "key": topic.key} for topic in topics
        },
        "messages": {
            versioned_name(message): _message(message, [one for one in topics if message in one.messages])
            for topic in topics
            for message in topic.messages
        },
    }


def _message(message: type[Message], topics: Sequence[Topic]) -> dict[str, Any]:
    about = topics[0].things.get(message)
    thing = about and {"kind": about.kind, "fields": list(about.fields), "defaults": thing_defaults(message, about)}
    return {
        "topics": [topic.name for topic in topics],
        "report": issubclass(message, Report),
        "thing": thing,
        "schema": without_words(schema_of(message)),
    }


def breaches(released: Language, now: Language) -> list[str]:
    """A sentence for each topic and message that does not keep what was released of it."""
    if not released:
        return []
    found = list(topic_breaches(released["topics"], now["topics"]))
    for name, was in released["messages"].items():
        wrong = message_breaches(was, now["messages"].get(name), is_report=was["report"])
        found += [f"{name} is released, and would change its meaning: {sentence}. {ADVICE}" for sentence in wrong]
    return found


def written(language: Language) -> str:
    """As a file, a line for each topic and message, so that a difference shows where it is."""
    parts = (
        f' "{part}": {{\n'
        + ",\n".join(f'  "{name}": {json.dumps(one, ensure_ascii=False)}' for name, one in entries.items())
        + "\n }"
        for part, entries in language.items()
    )
    return "{\n" + ",\n".join(parts) + "\n}\n"
