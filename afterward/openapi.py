"""Writes services/<name>/openapi.json, what each service may be asked over HTTP; or says which of them has drifted.

python -m afterward.openapi            writes them
python -m afterward.openapi --check    writes nothing; exits 1 when one is not what the code answers
"""

import argparse
import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from chassis.clock import timeline
from chassis.questions.application import QuestionsApplication
from chassis.questions.authentication import Authentication
from chassis.questions.pool import Pool
from schemas.publishing.complaints import complain
from schemas.services import EVERY_SERVICE

SERVICES: Final = Path(__file__).parent.parent / "services"
COMMAND: Final = "python -m afterward.openapi"


def main(arguments: list[str] | None = None) -> int:
    """The exit code: 0 when the documents are written or none has drifted; 1 otherwise, with a line for each."""
    parser = argparse.ArgumentParser(prog=COMMAND, description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a document has drifted")
    check = parser.parse_args(arguments).check
    drifted = []
    for service in EVERY_SERVICE:
        text, file = written(document(service)), file_of(service)
        if check and (not file.exists() or file.read_text(encoding="utf-8") != text):
            drifted.append(f"services/{service}/{file.name} has drifted: run `{COMMAND}`")
        elif not check:
            file.write_text(text, encoding="utf-8")
    return complain(drifted)


def document(service: str) -> dict[str, Any]:
    """What a service may be asked, as OpenAPI 3.1 says it."""
    kinds = import_module(f"services.{service}.routes").AGGREGATES
    table = import_module(f"services.{service}.views").QUESTIONS
    nobody = Authentication(None, None)
    application = QuestionsApplication(service, kinds, table, Pool(_nowhere, 1, 1), timeline(None), nobody)
    found: dict[str, Any] = application.build().openapi()
    return found


async def _nowhere() -> None:
    """Nothing is asked of a database to write down what may be asked."""
    raise ConnectionRefusedError


def file_of(service: str) -> Path:
    """Where its document lies."""
    return SERVICES / service / "openapi.json"


def written(found: dict[str, Any]) -> str:
    """A document as text."""
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.exit(main())
