"""What a migration may do while processes of the release before it are at work: expand, and nothing else.

    -- locks: nothing                                             what was there stays free
    -- locks: state against writes, 2 s for a million rows        a line for each table; or `reads and writes`,
                                                                  or `changes of its rows`
    -- contract: 0.2.0                                            what goes has been used by no release since this one

Statements that are borne are named here; any other is refused, unless the migration is declared a contract step.
"""

import re
from collections.abc import Iterator
from typing import Final

LOCKS: Final = re.compile(
    r"^-- locks: (?:(nothing)|(\w+) against (reads and writes|writes|changes of its rows), (.+))$"
)
CONTRACT: Final = re.compile(r"^-- contract: (\d+(?:\.\d+)*)$")
HOW_LONG: Final = re.compile(r"\d|an instant")
_PIECE: Final = re.compile(
    r"(?P<comment>--[^\n]*|/\*.*?\*/)|(?P<body>\$(\w*)\$.*?\$\3\$)|(?P<text>'(?:[^']|'')*')|(?P<end>;)|(?P<other>.)",
    re.DOTALL,
)
_MAKES: Final = re.compile(r"CREATE (?:TABLE|SEQUENCE|VIEW|FUNCTION|TYPE) (?:IF NOT EXISTS )?(\w+)")
_INDEXES: Final = re.compile(r"CREATE INDEX (?:IF NOT EXISTS )?\w+ ON (?:ONLY )?(\w+)")
_OF_A_TABLE: Final = re.compile(
    r"(?:CREATE UNIQUE INDEX (?:IF NOT EXISTS )?\w+|CREATE (?:CONSTRAINT )?TRIGGER \w+ .+?) ON (?:ONLY )?(\w+)"
    r"|DELETE FROM (?:ONLY )?(\w+)"
)
_ALTERS: Final = re.compile(r"ALTER TABLE (?:ONLY )?(\w+) (.+)")
_BORNE: Final = re.compile(r"(?:COMMENT ON|INSERT INTO|UPDATE|SELECT|WITH)\b")
_BORNE_ACTION: Final = re.compile(r"SET \(|ALTER (?:COLUMN )?\w+ SET (?:STORAGE|STATISTICS|DEFAULT)\b")
_ADDS: Final = re.compile(r"ADD (?:COLUMN )(?:IF NOT EXISTS )?(\w+) (.+)")
_DEMANDS: Final = re.compile(r"\b(?:UNIQUE|PRIMARY KEY|REFERENCES|CHECK|GENERATED)\b")
_COMPUTED: Final = re.compile(r"DEFAULT (?!now\(\)|current_)\w*\(")
_CHANGES_ROWS: Final = re.compile(r"(?:UPDATE|DELETE FROM) (?:ONLY )?(\w+)")


def statements(script: str) -> list[str]:
    """The statements of a script, without comments, on one line each; bodies of functions and texts are left out."""
    found = [""]
    for piece in _PIECE.finditer(script):
        if piece["end"]:
            found.append("")
        elif piece["body"] or piece["text"]:
            found[-1] += "''"
        elif piece["other"]:
            found[-1] += piece["other"]
        else:
            found[-1] += " "
    return [" ".join(one.split()) for one in found if one.strip()]


def unbearable(script: str) -> Iterator[str]:
    """Each statement, or part of one, that a process of the release before could not bear, with the reason."""
    made: set[str] = set()
    for statement in statements(script):
        if name := _MAKES.match(statement):
            made.add(name[1])
        elif altered := _ALTERS.match(statement):
            if altered[1] not in made:
                yield from _of_actions(altered[1], altered[2])
        elif of := _OF_A_TABLE.match(statement):
            if not made & {of[1], of[2]}:
                yield f"`{statement}`: what it writes may be refused or gone"
        elif not (_INDEXES.match(statement) or _BORNE.match(statement)):
            yield f"`{statement}`: it may be at work with what was there before"


def _of_actions(table: str, actions: str) -> Iterator[str]:
    for action in _split(actions):
        if _BORNE_ACTION.match(action):
            continue
        added = _ADDS.match(action)
        if added is None:
            yield f"`ALTER TABLE {table} {action}`: it may be at work with what was there before"
        elif _DEMANDS.search(added[2]):
            yield f"{table}.{added[1]}: what it writes may be refused"
        elif "NOT NULL" in added[2] and "DEFAULT" not in added[2]:
            yield f"{table}.{added[1]} is NOT NULL without a default: it writes rows without it"
        elif _COMPUTED.search(added[2]):
            yield f"{table}.{added[1]} has a computed default: every row is written anew, and nobody may read meanwhile"


def _split(actions: str) -> Iterator[str]:
    """At commas that stand in no brackets."""
    depth, begin = 0, 0
    for place, letter in enumerate(actions):
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            yield actions[begin:place].strip()
            begin = place + 1
    yield actions[begin:].strip()


def changes_rows(script: str) -> set[str]:
    """The tables of whose rows some are changed or deleted."""
    return {found[1] for one in statements(script) if (found := _CHANGES_ROWS.match(one))}


def declared_locks(script: str) -> frozenset[tuple[str, str]] | None:
    """(table, against what) of each line; None where nothing is said. Raises ValueError: a line says no time."""
    lines = [found for line in script.splitlines() if (found := LOCKS.match(line))]
    for line in lines:
        if line[4] and not HOW_LONG.search(line[4]):
            raise ValueError(f"how long is {line[2]} locked? `{line[0]}` has neither a figure nor `an instant`")
    return frozenset((line[2], line[3]) for line in lines if line[2]) if lines else None


def contract_since(script: str) -> tuple[int, ...] | None:
    """The release since which nothing uses what goes; None where nothing is said to go."""
    found = [CONTRACT.match(line) for line in script.splitlines()]
    return next((tuple(map(int, one[1].split("."))) for one in found if one), None)


def complaints(script: str, released: tuple[int, ...]) -> list[str]:
    """What is wrong with a migration beside what it locks. `released`: the last release."""
    since = contract_since(script)
    if since is not None:
        late = since > released
        return [f"contract: no release {'.'.join(map(str, since))} has been made: wait for it"] if late else []
    return [
        f"a process of the last release could not bear {one}. Expand only (docs/operations/upgrading.md), or say "
        "`-- contract: VERSION`, the release since which nothing uses it"
        for one in unbearable(script)
    ]
