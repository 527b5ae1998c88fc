"""YAML for reading: block style, every text quoted as in JSON, so that nothing can be taken for something else."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence

_PLAIN_KEY = re.compile(r"[A-Za-z_$][A-Za-z0-9_.$-]*")
_WORDS_WITH_MEANING = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


def as_yaml(document: Mapping[str, object]) -> str:
    """A document of dicts, lists, texts, numbers and truth values as YAML 1.2."""
    return "\n".join(_block(document, "")) + "\n"


def _block(node: object, indent: str) -> Iterator[str]:
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield from _entry(f"{indent}{_key(str(key))}:", value, indent)
    elif isinstance(node, Sequence) and not isinstance(node, str):
        for value in node:
            yield from _entry(f"{indent}-", value, indent)


def _entry(label: str, value: object, indent: str) -> Iterator[str]:
    if isinstance(value, Mapping | list | tuple) and value:
        yield label
        yield from _block(value, indent + "  ")
    else:
        yield f"{label} {json.dumps(value, ensure_ascii=False)}"


def _key(key: str) -> str:
    plain = _PLAIN_KEY.fullmatch(key) and key.lower() not in _WORDS_WITH_MEANING
    return key if plain else json.dumps(key, ensure_ascii=False)
