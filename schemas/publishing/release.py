"""A released schema never changes, except that optional fields may be added.

`published/RELEASED.json` holds a hash of each schema as released. Before a schema is written anew the file on disk must
still be the one released, and the new one may add properties that nobody must send, and nothing else. A schema
that is not listed there has not been released and may change freely.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

Schemas = Mapping[str, str]
"""Versioned name → the text of the schema's file."""


def fingerprint(text: str) -> str:
    """SHA-256 of a schema's file."""
    return hashlib.sha256(text.encode()).hexdigest()


def breaches(released: Mapping[str, str], on_disk: Schemas, new: Schemas) -> list[str]:
    """One sentence for each released schema that is gone, was edited by hand, or would change its meaning."""
    return [sentence for name in released if (sentence := _breach(name, released[name], on_disk, new))]


def adds_only_optional_fields(old: Any, new: Any, inside: str = "") -> bool:
    """Whether all that `old` says is still said, and only properties or definitions were added."""
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return bool(old == new)
    may_grow = inside in {"properties", "$defs"}
    return all(
        name == "description"
        or (may_grow and name not in old)
        or (name in old and name in new and adds_only_optional_fields(old[name], new[name], name))
        for name in {*old, *new}
    )


def _breach(name: str, fingerprint_released: str, on_disk: Schemas, new: Schemas) -> str | None:
    if name not in on_disk or fingerprint(on_disk[name]) != fingerprint_released:
        return f"{name} is released, and its file is not the one that was: restore it from version control"
    if name not in new:
        return f"{name} is released, and no model has its name any more: keep it beside its successor"
    if not adds_only_optional_fields(json.loads(on_disk[name]), json.loads(new[name])):
        return f"{name} is released and would change its meaning: make a new major version beside it"
    return None
