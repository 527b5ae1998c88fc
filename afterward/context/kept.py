"""The contexts that somebody has added, and which of them holds: one file of their own, in their configuration."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

LOCAL: Final = "local"
"""The context that everybody has: the stack in `.afterward` of the folder that one is in."""
DEFAULT_DATA_DIR: Final = Path(".afterward")
DATA_DIR, CLUSTER = "data_dir", "cluster"
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_ADD: Final = "add one with `afterward context add NAME --file CLUSTER.toml`"


class BadContext(Exception):
    """A context cannot be added, or there is none of that name; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Contexts:
    """`entries`: name → `{"data_dir": path}` of a stack here, or `{"cluster": what its file says}`."""

    entries: Mapping[str, Mapping[str, Any]]
    current: str = LOCAL

    @property
    def names(self) -> tuple[str, ...]:
        """All, the one that everybody has first."""
        return (LOCAL, *sorted(self.entries))

    def entry(self, name: str) -> Mapping[str, Any]:
        """What is kept of a context. Raises BadContext."""
        if name == LOCAL:
            return {DATA_DIR: str(DEFAULT_DATA_DIR)}
        if name not in self.entries:
            raise BadContext(f"no context {name}; there are {', '.join(self.names)}: {_ADD}")
        return self.entries[name]

    def with_entry(self, name: str, entry: Mapping[str, Any]) -> "Contexts":
        """With one more, or another in its place. Raises BadContext."""
        if name == LOCAL or not _NAME.fullmatch(name):
            raise BadContext(f"{name!r} cannot name a context: use lower-case letters, digits, . _ -, and not {LOCAL}")
        return Contexts({**self.entries, name: entry}, self.current)

    def without(self, name: str) -> "Contexts":
        """Without one; whoever used it goes back to the local stack. Raises BadContext."""
        self.entry(name)
        if name == LOCAL:
            raise BadContext(f"{LOCAL} is everybody's and stays")
        rest = {other: entry for other, entry in self.entries.items() if other != name}
        return Contexts(rest, LOCAL if self.current == name else self.current)

    def using(self, name: str) -> "Contexts":
        """With another one that holds from now on. Raises BadContext."""
        self.entry(name)
        return Contexts(self.entries, name)


def contexts_file() -> Path:
    """Where contexts are kept: `$XDG_CONFIG_HOME/afterward`, by default in `~/.config`."""
    configuration = os.environ.get("XDG_CONFIG_HOME")
    folder = Path(configuration) if configuration else Path.home() / ".config"
    return folder / "afterward" / "contexts.json"


def load() -> Contexts:
    """The contexts of whoever asks; none but the local one where nobody has added any. Raises BadContext."""
    file = contexts_file()
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        found = Contexts({str(name): dict(entry) for name, entry in content["contexts"].items()}, content["current"])
    except FileNotFoundError:
        return Contexts({})
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BadContext(f"{file} is not what `afterward context` writes: move it away, and add them again") from None
    return found if found.current in found.names else Contexts(found.entries)


def save(contexts: Contexts) -> None:
    """Written whole or not at all, for its owner only: it says where everything is, and where the tokens lie."""
    file = contexts_file()
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_suffix(".new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as opened:
        json.dump({"current": contexts.current, "contexts": dict(contexts.entries)}, opened, indent=2)
    draft.replace(file)
