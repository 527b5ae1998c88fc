"""Every service answers what its document promises: with what it knows, by the schema, and recorded."""

import asyncio
from typing import Any

import httpx
import pytest
import schemathesis

from schemas.services import EVERY_SERVICE
from tests.questions.asked import Heard, client
from tests.questions.conftest import HeardBy

every_service = pytest.mark.parametrize("service", EVERY_SERVICE)
PATHS = {
    "case_id": "nobody",
    "jurisdiction": "CN-SH",
    "date": "2020-10-20",
    "channel_id": "zj-green",
    "id": "1",
}
NEED_NOT_BE_KNOWN = {"/v1/parked/{id}", "/v1/bulletins/{jurisdiction}/{date}", "/v1/channels/{channel_id}"}


def of_key(heard: Heard, name: str) -> str:
    """A value of a parameter in a path: of something that the service knows, where it knows one."""
    kind = name.removesuffix("_id")
    return heard.keys[kind][0] if kind in heard.keys else PATHS[name]


async def asked(heard: Heard, operation: Any) -> httpx.Response:
    """What comes of a question in its plainest form."""
    values = {one.name: of_key(heard, one.name) for one in operation.path_parameters}
    async with client(heard.application()) as asking:
        query = {"jurisdiction": "CN-SH"} if "/worklists/" in operation.path else {}
        return await asking.get(operation.path.format(**values), params=query)


@every_service
def test_every_question_is_answered_by_its_schema(heard_by: HeardBy, service: str) -> None:
    heard = heard_by(service)
    schema: Any = schemathesis.openapi.from_dict(heard.document)
    statuses = {}
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.method.upper() == "GET":
            response = asyncio.run(asked(heard, operation))
            operation.validate_response(response)
            assert response.status_code < 500, operation.path
            statuses[operation.path] = response.status_code
    unknown = {path for path, status in statuses.items() if status != 200}
    assert unknown <= {*NEED_NOT_BE_KNOWN, *([] if "case" in heard.keys else ["/v1/cases/{case_id}"])}
