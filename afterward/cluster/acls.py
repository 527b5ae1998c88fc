"""The access lists of a Kafka cluster, made what the matrix says."""

from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
)

from afterward.cluster.admin import ANSWER_SECONDS, until
from schemas.access import Principal, Right, principal
from schemas.topics import TOPICS

_USER: Final = "User:"
_EVERYWHERE: Final = "*"
_ANY: Any = None
_OPERATIONS: Final = {
    "Create": AclOperation.CREATE,
    "Describe": AclOperation.DESCRIBE,
    "DescribeConfigs": AclOperation.DESCRIBE_CONFIGS,
    "Read": AclOperation.READ,
    "Write": AclOperation.WRITE,
}
_RESOURCES: Final = {"topic": ResourceType.TOPIC, "group": ResourceType.GROUP}
_PATTERNS: Final = {"literal": ResourcePatternType.LITERAL, "prefixed": ResourcePatternType.PREFIXED}
_TOPICS: Final = frozenset(topic.name for topic in TOPICS)


class Entry(NamedTuple):
    """One entry of an access list, from any host."""

    principal: str
    """With its type before it, `User:intake`."""
    resource: ResourceType
    name: str
    pattern: ResourcePatternType
    operation: AclOperation
    host: str = _EVERYWHERE
    permission: AclPermissionType = AclPermissionType.ALLOW

    @classmethod
    def of(cls, binding: AclBinding) -> "Entry":
        """As the cluster has it."""
        where = ResourceType(binding.restype), binding.name, ResourcePatternType(binding.resource_pattern_type)
        operation, permission = AclOperation(binding.operation), AclPermissionType(binding.permission_type)
        return cls(binding.principal, *where, operation, binding.host, permission)

    @property
    def binding(self) -> AclBinding:
        """As the cluster is asked for it."""
        where = self.resource, self.name, self.pattern
        return AclBinding(*where, self.principal, self.host, self.operation, self.permission)

    @property
    def binding_filter(self) -> AclBindingFilter:
        """This one and no other."""
        where = self.resource, self.name, self.pattern
        return AclBindingFilter(*where, self.principal, self.host, self.operation, self.permission)

    @property
    def is_ours(self) -> bool:
        """Whether it is about a principal of the matrix, or one that could be, or about a topic of the drawing."""
        return may_be_ours(self.principal.removeprefix(_USER)) or self.name in _TOPICS

    def __str__(self) -> str:
        verb = self.permission.name.lower()
        where = f"{self.resource.name.lower()} {self.name}{_pattern_words(self.pattern)}"
        return f"{verb} {self.principal} {self.operation.name.lower()} {where}"


def _pattern_words(pattern: ResourcePatternType) -> str:
    return "…" if pattern is ResourcePatternType.PREFIXED else ""


def may_be_ours(name: str) -> bool:
    """Whether the matrix knows such a principal, or its family."""
    try:
        principal(name)
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class AclChanges:
    """What differs between a cluster and the matrix, and what was done about it."""

    created: tuple[Entry, ...]
    extra: tuple[Entry, ...]
    """What the cluster has and the matrix has not; taken away where that was asked for."""


def wanted(principals: Iterable[Principal]) -> frozenset[Entry]:
    """The entries that the matrix stands for."""
    return frozenset(entry for one in principals for right in one.rights for entry in _entries(one.name, right))


def _entries(name: str, right: Right) -> Iterable[Entry]:
    where = _RESOURCES[right.resource], right.name, _PATTERNS[right.pattern]
    return [Entry(f"{_USER}{name}", *where, _OPERATIONS[operation]) for operation in right.operations]


def apply_acls(admin: AdminClient, principals: Iterable[Principal], *, prune: bool) -> AclChanges:
    """Creates what is missing; takes away what the matrix does not have if asked to.

    What was changed holds when this returns. Raises KafkaException, TimeoutError.
    """
    should, there = wanted(principals), existing(admin)
    created, extra = sorted(should - there, key=str), sorted((one for one in there - should if one.is_ours), key=str)
    if created:
        _all(admin.create_acls([one.binding for one in created], request_timeout=ANSWER_SECONDS))
        until(lambda: existing(admin).issuperset(created))
    if prune and extra:
        _all(admin.delete_acls([one.binding_filter for one in extra], request_timeout=ANSWER_SECONDS))
        until(lambda: existing(admin).isdisjoint(extra))
    return AclChanges(tuple(created), tuple(extra))


def existing(admin: AdminClient) -> frozenset[Entry]:
    """All entries of the cluster. Raises KafkaException, also where the cluster keeps no access lists."""
    any_entry = AclBindingFilter(
        ResourceType.ANY, _ANY, ResourcePatternType.ANY, _ANY, _ANY, AclOperation.ANY, AclPermissionType.ANY
    )
    return frozenset(Entry.of(one) for one in admin.describe_acls(any_entry, request_timeout=ANSWER_SECONDS).result())


def _all(futures: Mapping[Any, Future[Any]]) -> None:
    """Waits for every answer. Raises KafkaException for the first that is an error."""
    failed = [error for one in futures.values() if (error := one.exception()) is not None]
    if failed:
        raise failed[0]
