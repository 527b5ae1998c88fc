"""`python -m tests.supply.sbom FILE` writes what Afterward is made of, as CycloneDX 1.6 (`make sbom`).

In it: what the image and the wheel need (required), the servers of `afterward up` with Kafka's jars (optional), and
what an example in the documentation takes from npm (excluded). What only tests and benchmarks use is shipped to nobody.
The same commit gives the same bytes.
"""

import hashlib
import subprocess
import sys
import tomllib
from base64 import b64decode
from collections.abc import Iterator, Mapping
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.model.license import LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.sample_repo import ROOT
from tests.supply.parts import (
    EVERYTHING,
    JAR_LOCKS,
    NODE_LOCKS,
    SHIPPED,
    Part,
    jar_parts,
    licensed,
    node_parts,
    python_parts,
)

_SOURCES: Final = (SHIPPED, EVERYTHING, *JAR_LOCKS, *NODE_LOCKS)


def written() -> str:
    """The document, as JSON. Raises PackageNotFoundError where what it is about is not installed (`make setup`)."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    bom = Bom()
    bom.metadata.component = root = Component(
        name=project["name"],
        version=project["version"],
        type=ComponentType.APPLICATION,
        bom_ref=project["name"],
        licenses=[LicenseExpression(project["license"])],
        purl=PackageURL("pypi", name=project["name"], version=project["version"]),
    )
    bom.metadata.timestamp = _committed_at()
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in _SOURCES)).hexdigest()
    bom.serial_number = uuid5(NAMESPACE_URL, f"afterward:{project['version']}:{digest}")
    graph = _graph()
    found = {part: _component(part, scope) for part, scope in _parts(graph)}
    bom.components.update(found.values())
    named = {canonicalize_name(part.name): component for part, component in found.items() if part.ecosystem == "pypi"}
    for name, component in [("afterward", root), *named.items()]:
        bom.register_dependency(component, [named[canonicalize_name(needed)] for needed in sorted(graph[name])])
    return JsonV1Dot6(bom).output_as_string(indent=2) + "\n"


def _parts(graph: Mapping[str, set[str]]) -> Iterator[tuple[Part, ComponentScope]]:
    shipped = list(licensed(python_parts(SHIPPED)))
    yield from ((part, ComponentScope.REQUIRED) for part in shipped)
    beside = graph.keys() - {canonicalize_name(part.name) for part in shipped}
    servers = [part for part in python_parts(EVERYTHING) if canonicalize_name(part.name) in beside]
    yield from ((part, ComponentScope.OPTIONAL) for part in licensed(servers))
    yield from ((part, ComponentScope.OPTIONAL) for part in jar_parts(JAR_LOCKS[0]))
    yield from ((part, ComponentScope.EXCLUDED) for part in node_parts(NODE_LOCKS[1]))


def _component(part: Part, scope: ComponentScope) -> Component:
    group, _, name = part.name.rpartition(":") if part.ecosystem == "maven" else ("", "", part.name)
    return Component(
        name=name,
        group=group or None,
        version=part.version,
        bom_ref=f"{part.ecosystem}:{part.name}@{part.version}",
        scope=scope,
        licenses=[LicenseExpression(part.licence)],
        hashes=[_hash(each) for each in part.hashes],
        purl=PackageURL(part.ecosystem, group or None, name, part.version),
    )


def _hash(stated: str) -> HashType:
    """Of a lock of ours, which has SHA-256 in hexadecimal, or of npm's, which has `sha512-` and base64."""
    if stated.startswith("sha512-"):
        return HashType(alg=HashAlgorithm.SHA_512, content=b64decode(stated.removeprefix("sha512-")).hex())
    return HashType(alg=HashAlgorithm.SHA_256, content=stated)


def _graph() -> dict[str, set[str]]:
    """What each distribution needs on this machine, from Afterward with its servers and traces on."""
    graph: dict[str, set[str]] = {}
    ahead = [("afterward", frozenset({"stack", "traces"}))]
    while ahead:
        name, extras = ahead.pop()
        needed = {str(canonicalize_name(each.name)): frozenset(each.extras) for each in _requirements(name, extras)}
        if name not in graph or needed.keys() - graph[name]:
            graph.setdefault(name, set()).update(needed)
            ahead += needed.items()
    return graph


def _requirements(name: str, extras: frozenset[str]) -> list[Requirement]:
    tried = [{"extra": extra} for extra in ("", *extras)]
    wanted = (Requirement(each) for each in metadata.requires(name) or ())
    return [each for each in wanted if each.marker is None or any(each.marker.evaluate(one) for one in tried)]


def _committed_at() -> datetime:
    command = ["git", "-C", str(ROOT), "show", "--no-patch", "--format=%cI", "HEAD"]
    return datetime.fromisoformat(subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip())


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(written(), encoding="utf-8")
