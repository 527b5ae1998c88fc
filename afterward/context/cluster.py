"""A cluster as its operator writes it down, in TOML: addresses of services, credentials, the bus; no secret itself."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from afterward.context.target import HttpAccess, Target, is_delivery_worker
from afterward.stack.running import access_of
from afterward.stack.services import DELIVERY_WORKERS
from chassis.bus_access import BusAccess
from schemas.services import EVERY_SERVICE

SECTIONS: Final = ("services", "http", "kafka")
CLOCK: Final = "clock_file"
PURPOSE: Final = "purpose"
PROCESSES: Final = (*EVERY_SERVICE, *DELIVERY_WORKERS)
HTTP_FIELDS: Final = tuple(one.name for one in fields(HttpAccess))
KAFKA_FIELDS: Final = tuple(one.name for one in fields(BusAccess))


class BadCluster(Exception):
    """A cluster's file cannot be used; the message says which file, which field, and what would do."""


def read(file: Path) -> dict[str, Any]:
    """What a cluster's file says, checked, with the paths in it absolute: they are written from where it lies.

    Raises BadCluster.
    """
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BadCluster(f"{file} is not TOML: {error}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadCluster(f"{file} cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8'}") from None
    found = dict(_absolute(content, file.absolute().parent))
    if wrong := next(complaints(found), None):
        raise BadCluster(f"{file}: {wrong}")
    return found


def target(name: str, content: Mapping[str, Any]) -> Target:
    """The cluster that was read, under the name of its context. Raises BadCluster."""
    if wrong := next(complaints(content), None):
        raise BadCluster(f"context {name}: {wrong}; `afterward context add` it again")
    addresses = {name: tuple(url.rstrip("/") for url in urls) for name, urls in content["services"].items()}
    kafka = access_of(content["kafka"]) if "kafka" in content else None
    return Target(
        name=f"context {name}",
        services={name: urls for name, urls in addresses.items() if not is_delivery_worker(name)},
        delivery_workers={name: urls for name, urls in addresses.items() if is_delivery_worker(name)},
        http=_http(content.get("http", {})),
        kafka=kafka,
        bus_name="Kafka",
        clock_file=Path(content[CLOCK]) if CLOCK in content else None,
        clock=content.get(CLOCK),
    )


def _http(section: Mapping[str, str]) -> HttpAccess:
    files = {name: Path(value) for name, value in section.items() if name != PURPOSE}
    return HttpAccess(**files, purpose=section.get(PURPOSE))


def complaints(content: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with a cluster's file, the first thing first."""
    yield from _unknown("", content, (*SECTIONS, CLOCK))
    yield from (f"[{name}] is a table" for name in SECTIONS if not isinstance(content.get(name, {}), dict))
    yield from _services(content.get("services", {}), has_token="token_file" in content.get("http", {}))
    for section, known in (("http", HTTP_FIELDS), ("kafka", KAFKA_FIELDS)):
        yield from _unknown(f"[{section}] ", content.get(section, {}), known)
        yield from _no_text(f"[{section}] ", content.get(section, {}))
    yield from _no_text("", {CLOCK: content.get(CLOCK, "")})
    if "kafka" in content and not content["kafka"].get("bootstrap_servers"):
        yield "[kafka] bootstrap_servers is missing: host:port, more of them with commas between"
    if "key_file" in content.get("http", {}) and "certificate_file" not in content["http"]:
        yield "[http] certificate_file is missing: key_file is the key of which certificate?"


def _services(services: Mapping[str, Any], *, has_token: bool) -> Iterator[str]:
    if not services:
        yield '[services] is missing: a line each, such as intake = ["https://intake.example:8443"]'
    yield from _unknown("[services] ", services, PROCESSES)
    for name, urls in services.items():
        if not isinstance(urls, list) or not urls or not all(isinstance(url, str) for url in urls):
            yield f'[services] {name}: a list of the addresses of its replicas, such as ["https://{name}.example:8443"]'
            continue
        for url in urls:
            if wrong := _wrong_address(url, has_token=has_token):
                yield f"[services] {name}: {wrong}"


def _wrong_address(url: str, *, has_token: bool) -> str | None:
    parts = urlsplit(url)
    if parts.username is not None:
        return "an address holds a name or a password: who asks stands in [http]"
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        return f"{url} is no address: it takes http:// or https://, a host, and :port and a path where it has them"
    if has_token and parts.scheme == "http" and not _is_loopback(parts.hostname):
        return f"{url} would have the token sent in plain text: take https://"
    return None


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _unknown(section: str, given: Iterable[str], known: tuple[str, ...]) -> Iterator[str]:
    for name in given:
        if name not in known:
            yield f"{section}{name} is not known; there are {', '.join(known)}"


def _no_text(section: str, given: Mapping[str, Any]) -> Iterator[str]:
    for name, value in given.items():
        if not isinstance(value, str):
            yield f'{section}{name} is text, in "…"'


def _absolute(content: Mapping[str, Any], folder: Path) -> Iterator[tuple[str, Any]]:
    """Files by their whole paths; all else as it is."""
    for name, value in content.items():
        if isinstance(value, dict):
            yield name, dict(_absolute(value, folder))
        elif name.endswith("_file") and isinstance(value, str):
            yield name, str(folder / Path(value).expanduser())
        else:
            yield name, value
