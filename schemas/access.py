"""The one access matrix: who may do what on the bus, to which topic and which consumer group.

What the drawing of topics says is not said again: a service reads what it consumes, and writes what it produces and
reads that again when it begins. Here is the rest: who publishes and who subscribes, by families of principals. A
principal of a family is named after it: `hospital-h-1`. What is not in the matrix is refused.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from schemas.reports.contact import DELIVERY_WORKER, OPERATORS
from schemas.services import EVERY_SERVICE
from schemas.topic import INTEGRATORS, VERSION, Topic
from schemas.topics import TOPICS, by_service, events_topic, published_by, rejections_topic, topic_named

Operation = Literal["Create", "Describe", "DescribeConfigs", "Read", "Write"]
"""In Kafka's own names. `Read` and `Write` of a topic imply `Describe`, and `Write` an idempotent producer."""

OPERATOR: Final = "operator"
DELIVERY_WORKER_PRINCIPAL: Final = "contact-delivery-worker"
PRINCIPAL: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,62}")
"""A name has no `.`, so that the groups `hospital-1.…` are not those of `hospital-10`."""


@dataclass(frozen=True)
class Right:
    """What may be done to one resource, or to all whose names begin with it (`prefixed`)."""

    resource: Literal["topic", "group"]
    name: str
    operations: tuple[Operation, ...]
    pattern: Literal["literal", "prefixed"] = "literal"

    def covers(self, resource: str, name: str) -> bool:
        """Whether it is about this resource."""
        named = name.startswith(self.name) if self.pattern == "prefixed" else self.name in (name, "*")
        return resource == self.resource and named


@dataclass(frozen=True)
class Family:
    """Principals of one kind outside, each named `<prefix><id>`.

    `sources`: the envelope's `source` of the one with an id is one of these and the id, or lies below it; one that does
    not end in `/` belongs to all of the family. `writes`: the services that it reports to. `reads`: the services whose
    events it reads.
    """

    prefix: str
    about: str
    sources: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()


FAMILIES: Final = (
    Family(
        "hospital-", "a hospital", ("/hospitals/",), ("intake", "treatment", "discharge", "followup", "consultation")
    ),
    Family("laboratory-", "a laboratory", ("/labs/",), ("treatment",)),
    Family("port-", "a port of entry", ("/ports/",), ("intake",)),
    Family(
        "commission-",
        "a health commission",
        ("/commissions/", "/health-commissions/"),
        ("directory", "intake", "followup"),
    ),
    Family(
        "institution-",
        "an institution of the directory, with its channels of online care",
        ("/institutions/",),
        ("followup", "primarycare", "consultation"),
        ("primarycare",),
    ),
    Family("clinic-", "a clinic near home", ("/clinics/",), ("followup", "primarycare"), ("followup", "primarycare")),
    Family("channel-", "a channel of online care", ("/channels/",), ("consultation",)),
    Family("pharmacy-", "a pharmacy", ("/pharmacies/",), ("consultation",), ("consultation",)),
    Family("carrier-", "who carries medicine", ("/couriers/",), ("consultation",), ("consultation",)),
    Family("callcentre-", "who calls patients at home", ("/callcentres/",), ("followup",), ("followup",)),
    Family("patients-", "an app through which patients report", ("/patients",), ("followup", "consultation")),
    Family("integrator-", "whoever subscribes", reads=EVERY_SERVICE),
)


@dataclass(frozen=True)
class Principal:
    """Somebody who connects to the bus, with all that they may do there and the sources that are theirs."""

    name: str
    about: str
    rights: tuple[Right, ...]
    sources: tuple[str, ...] = ()

    def may(self, operation: Operation, resource: str, name: str) -> bool:
        """Whether the matrix lets them; `Describe` comes with `Read` and `Write`."""
        wanted = {operation, "Read", "Write"} if operation == "Describe" else {operation}
        return any(right.covers(resource, name) and wanted.intersection(right.operations) for right in self.rights)

    def owns(self, source: str) -> bool:
        """Whether this `source` of an envelope is theirs."""
        return any(source == one or source.startswith(f"{one}/") for one in self.sources)


def matrix(outside: Iterable[str] = ()) -> tuple[Principal, ...]:
    """All principals of a system: its own, and those outside that are named. Raises ValueError as `principal` does."""
    own = (*EVERY_SERVICE, DELIVERY_WORKER_PRINCIPAL, OPERATOR)
    return tuple(principal(name) for name in (*own, *sorted(set(outside) - set(own))))


def principal(name: str) -> Principal:
    """The principal of a name, a member of a family included. Raises ValueError, with the families, for no such."""
    if name in EVERY_SERVICE:
        return _service(name)
    if name == DELIVERY_WORKER_PRINCIPAL:
        return _delivery_worker()
    if name == OPERATOR:
        return _operator()
    for family in FAMILIES:
        if name.startswith(family.prefix) and name != family.prefix and PRINCIPAL.fullmatch(name):
            return _member(name, family)
    known = ", ".join((*EVERY_SERVICE, DELIVERY_WORKER_PRINCIPAL, OPERATOR))
    families = ", ".join(f"{family.prefix}<id>" for family in FAMILIES)
    raise ValueError(f"{name!r} is no principal: there are {known}, and {families}; an id has letters, digits and -")


def _service(name: str) -> Principal:
    consumed = [_topic(topic, "Read") for topic in by_service(name)]
    produced = [_topic(topic, "Read", "Write") for topic in published_by(name)]
    return Principal(
        name, "the service", (*consumed, *produced, Right("group", name, ("Read",))), (f"/services/{name}",)
    )


def _delivery_worker() -> Principal:
    name = DELIVERY_WORKER_PRINCIPAL
    read, written = _topic(events_topic("contact"), "Read"), _topic(topic_named(f"contact.reports.v{VERSION}"), "Write")
    return Principal(
        name, "contact's delivery worker", (read, written, Right("group", name, ("Read",))), (DELIVERY_WORKER,)
    )


def _operator() -> Principal:
    """Makes topics, looks at everything, and says what is an operator's own word; deletes nothing."""
    own_word = {topic.name for topic in TOPICS for message in topic.messages if OPERATORS in _sources(message)}
    topics = [
        _topic(topic, "Create", "DescribeConfigs", "Read", *(("Write",) if topic.name in own_word else ()))
        for topic in TOPICS
    ]
    groups = (*_own_groups(OPERATOR), Right("group", "*", ("Describe",)))
    return Principal(OPERATOR, "whoever runs the system", (*topics, *groups), (OPERATORS,))


def _member(name: str, family: Family) -> Principal:
    reads = {
        topic.name for service in family.reads for topic in published_by(service) if INTEGRATORS in topic.consumers
    }
    if family.writes:  # whoever reports reads the events that are named, and the answers to what it may report
        reads = {name for name in reads if name.endswith(f".events.v{VERSION}")}
        reads |= {rejections_topic(service).name for service in family.writes}
    written = {f"{service}.reports.v{VERSION}" for service in family.writes}
    rights = [_topic(topic, "Write") for topic in TOPICS if topic.name in written]
    rights += [_topic(topic, "Read") for topic in TOPICS if topic.name in reads]
    member = name.removeprefix(family.prefix)
    sources = tuple(f"{source}{member}" if source.endswith("/") else source for source in family.sources)
    return Principal(name, family.about, (*rights, *_own_groups(name)), sources)


def _own_groups(name: str) -> tuple[Right, Right]:
    return Right("group", name, ("Read",)), Right("group", f"{name}.", ("Read",), "prefixed")


def _topic(topic: Topic, *operations: Operation) -> Right:
    return Right("topic", topic.name, operations)


def _sources(message: type) -> tuple[str, ...]:
    return getattr(message, "sources", ())
