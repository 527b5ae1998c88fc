"""What readers see of the drawing: the table of topics, the picture of the journey, the wiring of each service."""

from collections.abc import Container, Sequence
from datetime import timedelta

from schemas.publishing.json_schema import versioned_name
from schemas.services import EVERY_SERVICE
from schemas.topic import FOR_EVER, INTEGRATORS, PUBLISHERS, VERSION, Thing, Topic
from schemas.topics import TOPICS, by_service, published_by


def topics_table() -> str:
    """Every topic with both its ends."""
    rows = [
        (
            f"`{topic.name}`",
            f"`{topic.key}`",
            topic.producer,
            ", ".join(topic.consumers),
            _kept(topic),
            ", ".join(f"`{message.__name__}`" for message in topic.messages),
        )
        for topic in TOPICS
    ]
    return table(("topic", "key", "from", "to", "kept", "messages"), rows)


def journey_picture() -> str:
    """Services and the topics between them, as a Mermaid flow chart. Rejections, which all look alike, are left out."""
    lines = [
        "```mermaid",
        "flowchart LR",
        f"  {PUBLISHERS}([hospitals · laboratories · ports · patients · institutions near home])",
    ]
    lines += [f"  {service}[{service}]" for service in EVERY_SERVICE]
    lines += [f"  {INTEGRATORS}([whoever subscribes])"]
    for topic in TOPICS:
        if not topic.name.endswith(f".rejections.v{VERSION}"):
            lines += [f"  {topic.producer} -- {topic.name} --> {' & '.join(_drawn_consumers(topic))}"]
    return "\n".join([*lines, "```"])


def wiring(service: str, accepted: Container[str]) -> str:
    """What one service reads and writes, and which thing each of its events has the last word on.

    `accepted`: the names of the messages that it learns from; the others on its topics pass it by.
    """
    read = [(f"`{topic.name}`", topic.producer, _read(topic, accepted)) for topic in by_service(service)]
    written = [
        (f"`{message.__name__}`", f"`{topic.name}`", _about(topic.things.get(message)))
        for topic in published_by(service)
        for message in topic.messages
    ]
    consumes = table(("consumes", "from", "reads"), read)
    return consumes + "\n\n" + table(("produces", "on", "the last word on"), written)


def _drawn_consumers(topic: Topic) -> list[str]:
    return [each for each in topic.consumers if each != INTEGRATORS] or [INTEGRATORS]


def _read(topic: Topic, accepted: Container[str]) -> str:
    names = [f"`{versioned_name(message)}`" for message in topic.messages if message.__name__ in accepted]
    return ", ".join(names) or "what is subscribed to"


def _about(thing: Thing | None) -> str:
    if thing is None:
        return ""
    return f"{thing.kind}: " + ", ".join(f"`{name}`" for name in ("subject", *thing.fields))


def _kept(topic: Topic) -> str:
    if topic.cleanup == "compact":
        return "the newest of each key"
    if topic.retention_ms == FOR_EVER:
        return "for ever"
    return f"{timedelta(milliseconds=topic.retention_ms).days} days"


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A table of Markdown."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
