"""What strangers may send: no question makes a service fail, and every answer is as its document says."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi import checks

from chassis.questions.application import QuestionsApplication
from schemas.services import EVERY_SERVICE
from tests.questions.asked import Heard
from tests.questions.conftest import HeardBy

load_all_checks()
EVERY_DAY = int(os.environ.get("AFTERWARD_FUZZ_EXAMPLES", "4"))
THOROUGH = 150
LIMIT_SECONDS = 120
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
]


class OnThisMachine:
    """The application as it is reached by its loopback name."""

    def __init__(self, application: QuestionsApplication) -> None:
        self._application = application

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        headers = [(name, value) for name, value in scope["headers"] if name != b"host"]
        local = {**scope, "client": ("127.0.0.1", 1), "headers": [*headers, (b"host", b"localhost")]}
        await self._application(local, receive, send)


def keys_of(heard: Heard, operation: Any) -> Iterator[dict[str, str]]:
    """Parameters in a path: of something that the service knows."""
    names = [one.name for one in operation.path_parameters]
    if len(names) == 1 and (kind := names[0].removesuffix("_id")) in heard.keys:
        yield from ({names[0]: key} for key in heard.keys[kind][:3])


def without_security(document: dict[str, Any]) -> dict[str, Any]:
    """Where no authentication is configured, nobody looks at what a request says of who asks."""
    paths = {
        path: {
            method: {name: value for name, value in operation.items() if name != "security"}
            for method, operation in operations.items()
        }
        for path, operations in document["paths"].items()
    }
    return {**document, "paths": paths}


def fuzz(heard: Heard, examples: int) -> int:
    """Asks each question in many ways, half of them not as they should be; how many it asked."""
    schema: Any = schemathesis.openapi.from_dict(without_security(heard.document))
    schema.app = OnThisMachine(heard.application())
    asked = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        known = list(keys_of(heard, operation))
        cases: Any = st.one_of(
            operation.as_strategy(generation_mode=GenerationMode.POSITIVE),
            operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
            *(operation.as_strategy(generation_mode=GenerationMode.POSITIVE, path_parameters=one) for one in known),
        )

        @settings(
            max_examples=examples,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=cases)
        def answers(case: Any) -> None:
            nonlocal asked
            asked += 1
            case.call_and_validate(base_url="http://localhost", checks=CHECKS, timeout=LIMIT_SECONDS)

        answers()
    return asked


@pytest.mark.parametrize("service", EVERY_SERVICE)
def test_no_question_makes_a_service_fail(heard_by: HeardBy, service: str) -> None:
    assert fuzz(heard_by(service), EVERY_DAY) > EVERY_DAY


class Defective:
    """A service whose answers to one question are not what its document says."""

    def __init__(self, status: int, body: bytes) -> None:
        self._status, self._body = status, body

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            headers = [(b"content-type", b"application/json")]
            await send({"type": "http.response.start", "status": self._status, "headers": headers})
            await send({"type": "http.response.body", "body": self._body})


@pytest.mark.parametrize(("status", "body"), [(500, b"{}"), (200, b'{"entries": 7}'), (418, b"{}")])
def test_a_service_that_fails_or_answers_otherwise_is_seen_to(
    heard_by: HeardBy, monkeypatch: pytest.MonkeyPatch, status: int, body: bytes
) -> None:
    monkeypatch.setattr("tests.questions.test_fuzz.OnThisMachine", lambda _: Defective(status, body))
    with pytest.raises(FailureGroup):
        fuzz(heard_by("directory"), EVERY_DAY)


@pytest.mark.thorough
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("service", EVERY_SERVICE)
def test_no_question_of_very_many_makes_a_service_fail(heard_by: HeardBy, service: str) -> None:
    assert fuzz(heard_by(service), THOROUGH) > THOROUGH
