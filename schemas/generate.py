"""Writes what is generated from the language, or with `--check` says what has drifted.

python -m schemas.generate             writes published/, deploy/ and the generated parts of READMEs and docs
python -m schemas.generate --check     writes nothing; exits 1 and names every file that differs

Either way it is refused to change what was released: see publishing/released.py.
"""

import argparse
import ast
import re
import sys
from pathlib import Path
from typing import Final

from schemas.publishing import released
from schemas.publishing.access import access_list, access_table, strimzi_users
from schemas.publishing.asyncapi import document
from schemas.publishing.complaints import complain
from schemas.publishing.json_schema import as_json, schema_of, versioned_name
from schemas.publishing.tables import journey_picture, topics_table, wiring
from schemas.services import EVERY_SERVICE
from schemas.topics import TOPICS

VERSION: Final = "1.0.0"
"""Version of the language: the minor number grows with optional fields, the major one never, since types carry it."""

ROOT: Final = Path(__file__).parent.parent
PUBLISHED: Final = Path(__file__).parent / "published"
TOPICS_TO_CREATE: Final = ROOT / "deploy" / "topics.json"
"""For whoever runs the bus: every topic as it has to be created, since nothing is created on the fly."""
ACCESS_LIST: Final = ROOT / "deploy" / "access.json"
"""For whoever runs the bus: who may do what there (`schemas.access`)."""
CHART_FILES: Final = ROOT / "deploy" / "helm" / "afterward" / "files"
"""Copies for the chart, which reads no file outside its folder."""
KAFKA_USERS: Final = ROOT / "deploy" / "strimzi" / "kafka-users.json"
_SUFFIX = ".schema.json"


def main(arguments: list[str] | None = None) -> int:
    """The exit code: 0 when all is written, or nothing has drifted; 1 otherwise, with a line for each reason."""
    options = _options().parse_args(arguments)
    if refused := released.breaches(released.read(), released.in_code()):
        return complain(refused)
    texts = generated(json_schemas())
    drifted = [path for path, text in texts.items() if _text(path) != text]
    stray = [path for path in (PUBLISHED / "json").glob(f"*{_SUFFIX}") if path not in texts]
    if options.check:
        names = sorted(str(path.relative_to(ROOT)) for path in [*drifted, *stray])
        return complain([f"{name} has drifted: run `python -m schemas.generate`" for name in names])
    for path in stray:
        path.unlink()
    for path in drifted:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(texts[path], encoding="utf-8")
    return 0


def json_schemas() -> dict[str, str]:
    """Versioned name → the text of each message's JSON Schema."""
    return {versioned_name(message): as_json(schema_of(message)) for topic in TOPICS for message in topic.messages}


def generated(schemas: dict[str, str]) -> dict[Path, str]:
    """Every file that is generated, whole or in part, with the text that it should have."""
    files = {PUBLISHED / "json" / f"{name}{_SUFFIX}": text for name, text in schemas.items()}
    files[PUBLISHED / "asyncapi.json"] = as_json(document(VERSION))
    files[TOPICS_TO_CREATE] = as_json(
        [{"name": topic.name, "partitions": topic.partitions, "config": topic.config} for topic in TOPICS]
    )
    files[ACCESS_LIST] = as_json(access_list())
    files |= {CHART_FILES / path.name: files[path] for path in (TOPICS_TO_CREATE, ACCESS_LIST)}
    files[KAFKA_USERS] = as_json(strimzi_users())
    return files | _pages()


def with_section(text: str, name: str, body: str) -> str:
    """A text with the part between its markers `<!-- generated:name -->` and `<!-- /generated -->` drawn anew."""
    marked = re.compile(rf"(<!-- generated:{name} -->\n).*?(<!-- /generated -->)", re.DOTALL)
    return marked.sub(lambda found: f"{found[1]}{body}\n{found[2]}", text)


def _pages() -> dict[Path, str]:
    readme, integrators = ROOT / "README.md", ROOT / "docs" / "integrators.md"
    access = ROOT / "docs" / "operations" / "access.md"
    texts = {
        readme: with_section(_text(readme), "journey", journey_picture()),
        integrators: with_section(_text(integrators), "topics", topics_table()),
        access: with_section(_text(access), "access", access_table()),
    }
    for service in EVERY_SERVICE:
        path = ROOT / "services" / service / "README.md"
        routes = _text(path.parent / "routes.py")
        texts[path] = with_section(_text(path), "wiring", wiring(service, accepted(routes)))
    return {path: text for path, text in texts.items() if path.exists()}


def accepted(routes: str) -> frozenset[str]:
    """The messages that a service learns from: those that its `routes.py`, read as text, imports from the language."""
    imports = [node for node in ast.walk(ast.parse(routes)) if isinstance(node, ast.ImportFrom)]
    modules = [node for node in imports if (node.module or "").startswith(("schemas.events", "schemas.reports"))]
    return frozenset(name.name for node in modules for name in node.names)


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m schemas.generate", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a file has drifted")
    return parser


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


if __name__ == "__main__":
    sys.exit(main())
