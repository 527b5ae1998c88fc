"""Services are asked over HTTP: with a deadline, a few questions at a time, and each replica before giving up."""

import json
import ssl
from collections.abc import AsyncIterator, Mapping
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import quote

import aiohttp

from afterward.context.target import Target
from chassis.secret_files import (
    AccessUnusable,
    client_context,
    secret,
    wrong_with_certificates,
    wrong_with_secret,
)

ANSWER_SECONDS: Final = 60.0
CONNECT_SECONDS: Final = 5.0
AT_A_TIME: Final = 16
"""Connections that are open at once, to all services together."""
PAGE: Final = 500
"""Entries of a list that are asked for at a time."""
PURPOSE: Final = "Purpose-Of-Use"
UNKNOWN_READER, FORBIDDEN, MISSING = 401, 403, 404
_ELSEWHERE: Final = frozenset({502, 503, 504})
"""What a replica answers that cannot now; another one may."""

Parameters = Mapping[str, str | int | None]


class Unanswered(Exception):
    """No replica of a service answers; the message says which service, where it was looked for, and why."""


class Refused(Exception):
    """A service does not do what it was asked for; the message has its reason, and what to do. `status`: HTTP's."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class Asking:
    """A session with the services of a target."""

    def __init__(self, target: Target, answer_seconds: float = ANSWER_SECONDS) -> None:
        self.target = target
        self._timeout = aiohttp.ClientTimeout(total=answer_seconds, sock_connect=CONNECT_SECONDS)

    async def __aenter__(self) -> Self:
        """Raises OSError when a certificate, or the key to one, cannot be read."""
        connector = aiohttp.TCPConnector(limit=AT_A_TIME, ssl=_tls(self.target))
        self._session = aiohttp.ClientSession(connector=connector, timeout=self._timeout, trust_env=False)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def get(self, service: str, path: str, parameters: Parameters | None = None, **headers: str) -> Any:
        """What a service answers; None where it knows nothing of what is asked (404). Raises Unanswered, Refused."""
        return await self._ask(service, "GET", path, params=_given(parameters or {}), headers=headers)

    async def post(self, service: str, path: str, body: Mapping[str, Any]) -> Any:
        """The same of a question with a body, or of something that is to be done."""
        return await self._ask(service, "POST", path, json=body, headers={})

    async def case(self, service: str, case_id: str, purpose: str | None) -> Any:
        """What a service says of a case, read for this purpose; None where it has not heard of it."""
        url = f"/v1/cases/{quote(case_id, safe='')}"
        return await self._ask(service, "GET", url, headers={PURPOSE: purpose} if purpose else {})

    async def probe(self, url: str, parameters: Parameters | None = None) -> tuple[int, dict[str, Any]]:
        """What one process says of itself, with its status. Raises OSError, aiohttp.ClientError, ValueError."""
        async with self._session.get(url, params=_given(parameters or {})) as response:
            body: dict[str, Any] = json.loads(await response.read() or b"{}")
            return response.status, body

    async def text(self, url: str) -> str:
        """What a page of one process has. Raises OSError, aiohttp.ClientError; of a page that is not there, too."""
        async with self._session.get(url, raise_for_status=True) as response:
            return await response.text()

    async def _ask(self, service: str, method: str, path: str, **request: Any) -> Any:
        failed: dict[str, str] = {}
        for url in self.target.replicas(service):
            headers = {**request["headers"], **authorization(self.target)}
            try:
                async with self._session.request(method, url + path, **{**request, "headers": headers}) as response:
                    if response.status in _ELSEWHERE:
                        failed[url] = await _detail(response)
                        continue
                    return await self._answer(service, url, response)
            except (aiohttp.ClientError, OSError, ValueError) as error:
                failed[url] = _in_words(error)
                if method == "POST" and not isinstance(error, aiohttp.ClientConnectorError):
                    break  # it may have been done: asking another one could do it twice
        looked = "; ".join(f"{url}: {why}" for url, why in failed.items())
        raise Unanswered(f"{service} does not answer ({looked})")

    async def _answer(self, service: str, url: str, response: aiohttp.ClientResponse) -> Any:
        if response.status == MISSING:
            return None
        if response.status >= 400:
            detail = await _detail(response)
            raise Refused(_refusal(self.target, service, url, response.status, detail), response.status)
        return json.loads(await response.read())


async def pages(asking: Asking, service: str, path: str, parameters: Parameters) -> AsyncIterator[dict[str, Any]]:
    """Every entry of a list that is given a page at a time; none where the service has no such list.

    Raises Unanswered, Refused.
    """
    after: str | int | None = None
    while (page := await asking.get(service, path, {**parameters, "after": after, "limit": PAGE})) is not None:
        for entry in page["entries"]:
            yield entry
        after = page["next"]
        if after is None:
            return


def authorization(target: Target) -> dict[str, str]:
    """The header that says who asks; the token is read anew. Raises AccessUnusable."""
    file = target.http.token_file
    if file is None:
        return {}
    if why := wrong_with_secret(file):
        raise AccessUnusable(f"{target.name}, [http] token_file: {why}")
    return {"Authorization": f"Bearer {secret(file)}"}


def _tls(target: Target) -> ssl.SSLContext | bool:
    """How TLS is spoken, where any address wants it. Raises AccessUnusable."""
    http = target.http
    files = {"ca_file": http.ca_file, "certificate_file": http.certificate_file, "key_file": http.key_file}
    for name, why in wrong_with_certificates(files, ("ca_file", "certificate_file", "key_file")):
        raise AccessUnusable(f"{target.name}, [http] {name}: {why.format_map(dict(zip(files, files, strict=True)))}")
    if not any(url.startswith("https:") for urls in target.processes.values() for url in urls):
        return True
    return client_context(*files.values())


def _given(parameters: Parameters) -> dict[str, str]:
    return {name: str(value) for name, value in parameters.items() if value is not None}


async def _detail(response: aiohttp.ClientResponse) -> str:
    """What a service says is wrong (RFC 9457), or its status."""
    try:
        body = json.loads(await response.read())
        detail = str(body.get("detail") or body.get("title") or response.reason)
        faults = "; ".join(f"{one['at']}: {one['reason']}" for one in body.get("errors", ()) if one["at"] not in detail)
        return f"{detail} ({faults})" if faults else detail
    except (ValueError, AttributeError, KeyError, TypeError):
        return f"{response.status} {response.reason}"


def _refusal(target: Target, service: str, url: str, status: int, detail: str) -> str:
    http = target.http
    if status == UNKNOWN_READER:
        if http.token_file:
            todo = f"put a token that holds into {http.token_file}"
        elif http.certificate_file:
            todo = f"its readers' file has to name whom {http.certificate_file} is of"
        else:
            todo = f"{target.name} has neither token_file nor certificate_file in [http]"
        return f"{service} at {url} does not know who asks: {detail}; {todo}"
    if status == FORBIDDEN:
        return f"{service} at {url} does not allow it: {detail}; another token or certificate may"
    return f"{service}: {detail}" if status < 500 else f"{service} at {url} has failed ({status}): {detail}"


def _in_words(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return f"its certificate is not accepted, see ca_file: {error.certificate_error}"
    if isinstance(error, aiohttp.ClientConnectorError):
        return str(error.os_error.strerror or error.os_error)
    return str(error) or type(error).__name__
