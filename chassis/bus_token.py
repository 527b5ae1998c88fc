"""Tokens for Kafka's OAUTHBEARER by the client credentials grant (RFC 6749, 4.4)."""

import asyncio
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import aiohttp
from aiokafka.abc import AbstractTokenProvider
from aiokafka.conn import OAuthAuthenticator
from aiokafka.errors import KafkaConnectionError, SaslAuthenticationFailed

from chassis.clock import monotonic
from chassis.secret_files import client_context, secret

ASK_SECONDS = 10
"""An issuer that has not answered by then is not waited for; the connection is tried again."""
ANSWER_BYTES = 64 * 1024
SPARE = 0.2
"""A token is renewed when this part of its time is left."""
UNKNOWN_LIFE_SECONDS = 60
"""What is assumed where the issuer does not say for how long a token is good."""


class ClientCredentials(AbstractTokenProvider):
    """Asks an issuer for a token, and keeps it until shortly before it expires.

    The secret is read from its file for each request.
    """

    def __init__(self, url: str, client_id: str, secret_file: Path, scope: str | None, ca: Path | None) -> None:
        """`ca`: whom the issuer's certificate must come from, besides those whom this machine trusts."""
        heed_refusals()
        self._url, self._client_id, self._secret_file = url, client_id, secret_file
        self._scope, self._ca = scope, ca
        self._asking = asyncio.Lock()
        self._token, self._renew_at = "", 0.0

    async def token(self) -> str:
        """A token that is still good for a while. Raises KafkaConnectionError, and OSError for the secret's file."""
        async with self._asking:
            if monotonic() >= self._renew_at:
                asked_at = monotonic()
                self._token, life_seconds = await self._ask()
                self._renew_at = asked_at + life_seconds * (1 - SPARE)
            return self._token

    async def _ask(self) -> tuple[str, float]:
        form = {"grant_type": "client_credentials"} | ({"scope": self._scope} if self._scope else {})
        known_by = quote_plus(self._client_id), quote_plus(secret(self._secret_file))  # RFC 6749, 2.3.1
        headers = {"Authorization": aiohttp.encode_basic_auth(*known_by)}
        try:
            async with asyncio.timeout(ASK_SECONDS), aiohttp.ClientSession(headers=headers) as session:
                sent = session.post(self._url, data=form, allow_redirects=False, ssl=self._context())
                async with sent as response:
                    return _read(self._url, response.status, await response.content.read(ANSWER_BYTES))
        except (aiohttp.ClientError, TimeoutError) as error:
            raise KafkaConnectionError(f"{self._url} gives no token ({_why(error)})") from error

    def _context(self) -> Any:
        if not self._url.startswith("https://"):
            return True
        context = client_context(None, None, None)
        if self._ca is not None:
            context.load_verify_locations(self._ca)
        return context


def _why(error: Exception) -> str:
    return str(error) or type(error).__name__


def _read(url: str, status: int, answer: bytes) -> tuple[str, float]:
    """Token and life in seconds, as RFC 6749, 5.1 has it. Errors say only what 5.2 allows an issuer to say."""
    try:
        content = json.loads(answer)
        if status == 200:
            return str(content["access_token"]), float(content.get("expires_in", UNKNOWN_LIFE_SECONDS))
        why = str(content["error"])[:64]
    except (ValueError, KeyError, TypeError, AttributeError):
        why = "an answer that is none of an issuer"
    raise KafkaConnectionError(f"{url} gives no token (status {status}: {why})")


_step: Any = OAuthAuthenticator.step


def heed_refusals() -> None:
    """From now on a token that a broker refuses fails the connection.

    A broker answers it with a reason first, and ends the connection afterwards (RFC 7628, 3.2.2). aiokafka takes any
    answer for a yes: its client would believe to be in, and wait for a cluster without brokers for ever.
    """
    OAuthAuthenticator.step = _step_or_fail  # type: ignore[method-assign]


async def _step_or_fail(self: OAuthAuthenticator, payload: bytes | None) -> Any:
    if payload:
        raise SaslAuthenticationFailed(payload.decode(errors="replace")[:200])
    return await _step(self, payload)
