"""What is drawn from the access matrix: the table for people, the list for programs, and Strimzi's users."""

from collections.abc import Iterable
from typing import Any

from schemas.access import FAMILIES, Principal, Right, matrix, principal
from schemas.publishing.tables import table
from schemas.topics import TOPICS

MEMBER = "<id>"
"""In what is drawn of a family, the id of its member."""
_SAMPLE = "0"


def access_list() -> dict[str, Any]:
    """Principals with their rights, and those of a member of each family, with `<id>` in the place of its id."""
    return {"principals": [_listed(one) for one in matrix()], "families": [_family(one) for one in _members()]}


def strimzi_users() -> list[dict[str, Any]]:
    """A KafkaUser for each principal of the system itself; its cluster is named where they are deployed."""
    return [
        {
            "apiVersion": "kafka.strimzi.io/v1",
            "kind": "KafkaUser",
            "metadata": {"name": one.name, "labels": {"strimzi.io/cluster": "afterward"}},
            "spec": {
                "authentication": {"type": "scram-sha-512"},
                "authorization": {"type": "simple", "acls": [_strimzi(right) for right in one.rights]},
            },
        }
        for one in matrix()
    ]


def access_table() -> str:
    """Every principal or family: what it writes and reads, its groups, and the sources that are its own."""
    rows = [
        (f"`{name}`", one.about, _topics(one, "Write"), _topics(one, "Read"), _groups(one, name), _owned(one))
        for name, one in [*((one.name, one) for one in matrix()), *((_shown(one.name), one) for one in _members())]
    ]
    return table(("principal", "who", "writes", "reads", "groups", "`source`"), rows)


def _members() -> list[Principal]:
    return [principal(family.prefix + _SAMPLE) for family in FAMILIES]


def _shown(name: str) -> str:
    """What is said of the sample member, of any member."""
    family = next((one for one in FAMILIES if name.startswith(one.prefix + _SAMPLE)), None)
    return name if family is None else f"{family.prefix}{MEMBER}{name.removeprefix(family.prefix + _SAMPLE)}"


def _listed(one: Principal) -> dict[str, Any]:
    acls = [_strimzi(right) for right in one.rights]
    return {"name": one.name, "about": one.about, "sources": list(one.sources), "acls": acls}


def _family(one: Principal) -> dict[str, Any]:
    listed = _listed(one) | {"name": _shown(one.name), "sources": _sources(one)}
    for acl in listed["acls"]:
        acl["resource"]["name"] = _shown(acl["resource"]["name"])
    return listed


def _sources(one: Principal) -> list[str]:
    sample = f"/{_SAMPLE}"
    return [f"{source.removesuffix(_SAMPLE)}{MEMBER}" if source.endswith(sample) else source for source in one.sources]


def _strimzi(right: Right) -> dict[str, Any]:
    """A right in the shape of an ACL of Strimzi's KafkaUser."""
    resource = {"type": right.resource, "name": right.name, "patternType": _pattern(right)}
    return {"resource": resource, "operations": list(right.operations)}


def _pattern(right: Right) -> str:
    return "prefix" if right.pattern == "prefixed" else "literal"


def _topics(one: Principal, operation: str) -> str:
    """In the order of the drawing, by kind: `reports` of these services, `events` of those."""
    names = {right.name for right in one.rights if right.resource == "topic" and operation in right.operations}
    if len(names) == len(TOPICS):
        return "all"
    kinds: dict[str, list[str]] = {}
    for service, kind, _ in (topic.name.split(".") for topic in TOPICS if topic.name in names):
        kinds.setdefault(kind, []).append(service)
    return "; ".join(f"{kind} of {', '.join(services)}" for kind, services in kinds.items())


def _joined(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _groups(one: Principal, shown: str) -> str:
    groups = [right for right in one.rights if right.resource == "group"]
    own = [f"{shown}.…" if right.pattern == "prefixed" else shown for right in groups if "Read" in right.operations]
    looks_at_all = any("Describe" in right.operations for right in groups)
    return _joined(own) + (", and looks at all" if looks_at_all else "")


def _owned(one: Principal) -> str:
    return _joined(_sources(one) if _shown(one.name) != one.name else one.sources)
