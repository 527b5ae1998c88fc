"""The public keys of an issuer of tokens: from a file, or fetched and kept for a while."""

import asyncio
import json
import logging
from collections.abc import Callable
from typing import Any, Final

import aiohttp
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key, KeySet

from chassis.clock import monotonic
from chassis.questions.problem import Problem
from chassis.questions.reread import Reread
from chassis.questions.settings import HttpSettings, is_trusted, variable

log = logging.getLogger("afterward.questions")

FRESH_SECONDS: Final = 600
"""So long fetched keys are taken as they are; then they are fetched again, so that withdrawn ones end."""
STALE_SECONDS: Final = 86_400
"""So long they are used while they cannot be fetched again."""
PAUSE_SECONDS: Final = 30
"""A token with a key that nobody knows has the keys fetched again, but no more often than this."""
FETCH_SECONDS: Final = 5
LARGEST_BYTES: Final = 1 << 20
ASYMMETRIC: Final = frozenset({"RSA", "EC", "OKP"})


def parse(content: bytes) -> KeySet:
    """The keys with which signatures may be checked; those of other kinds are left out. Raises ValueError."""
    try:
        keys = json.loads(content)["keys"]
        usable = [one for one in keys if one.get("kty") in ASYMMETRIC and one.get("use", "sig") == "sig"]
        imported = [_public(one) for one in usable]
    except (ValueError, KeyError, TypeError, AttributeError, JoseError):
        raise ValueError("it is not a JSON Web Key Set (RFC 7517)") from None
    if not imported:
        raise ValueError("it has no public key for signatures (RSA, EC or OKP)")
    return KeySet(imported)


def _public(given: dict[str, Any]) -> Key:
    private = {"d", "p", "q", "dp", "dq", "qi", "oth"}
    return JWKRegistry.import_key({name: value for name, value in given.items() if name not in private})


class FileKeys:
    """Keys in a file, read again when it changes."""

    def __init__(self, file: Reread[KeySet]) -> None:
        self._file = file.first()

    async def known(self, _kid: str | None) -> KeySet:
        """The keys as they are."""
        return self._file.now()


class FetchedKeys:
    """Keys of an issuer, fetched when they are first wanted.

    `jwks_url`: where they are; None: where the issuer's discovery document says.
    """

    def __init__(self, issuer: str, jwks_url: str | None, clock: Callable[[], float] = monotonic) -> None:
        self._issuer, self._url, self._clock = issuer, jwks_url, clock
        self._keys: KeySet | None = None
        self._fetched_at = self._tried_at = float("-inf")
        self._fetching = asyncio.Lock()

    async def known(self, kid: str | None) -> KeySet:
        """The keys, fetched anew where they are old or none has this id. Raises Problem where there are none."""
        if self._is_wanted(kid):
            async with self._fetching:
                if self._is_wanted(kid):
                    await self._fetch()
        if self._keys is None or self._clock() - self._fetched_at > STALE_SECONDS:
            raise Problem("keys_away", "the keys of the issuer of tokens cannot be fetched: ask again later")
        return self._keys

    def _is_wanted(self, kid: str | None) -> bool:
        if self._clock() - self._tried_at < PAUSE_SECONDS:
            return False
        if self._keys is None or self._clock() - self._fetched_at > FRESH_SECONDS:
            return True
        return kid is not None and all(key.kid != kid for key in self._keys)

    async def _fetch(self) -> None:
        self._tried_at = self._clock()
        try:
            self._keys = await self._fetched()
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            why = str(error) if isinstance(error, ValueError) else type(error).__name__
            log.warning("the keys of %s cannot be fetched: %s", self._issuer, why)
        else:
            self._fetched_at = self._clock()

    async def _fetched(self) -> KeySet:
        timeout = aiohttp.ClientTimeout(total=FETCH_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            url = self._url or await self._discovered(session)
            return parse(await _content(session, url))

    async def _discovered(self, session: aiohttp.ClientSession) -> str:
        address = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
        document = json.loads(await _content(session, address))
        url = document.get("jwks_uri") if isinstance(document, dict) else None
        if not isinstance(url, str) or not is_trusted(url) or document.get("issuer") != self._issuer:
            raise ValueError(
                "its discovery document is of another issuer, or has no jwks_uri that begins with https://"
            )
        return url


async def _content(session: aiohttp.ClientSession, url: str) -> bytes:
    async with session.get(url, allow_redirects=False) as response:
        if response.status != 200:
            raise ValueError(f"it answers with status {response.status}")
        content = await response.content.read(LARGEST_BYTES)
        while not response.content.at_eof() and len(content) < LARGEST_BYTES:
            content += await response.content.read(LARGEST_BYTES)
        return content


Keys = FileKeys | FetchedKeys


def keys_of(settings: HttpSettings) -> Keys:
    """The keys that the settings name. Raises ValueError where their file cannot be used."""
    if settings.oidc_jwks_file is not None:
        return FileKeys(Reread(settings.oidc_jwks_file, parse, variable("oidc_jwks_file")))
    return FetchedKeys(settings.oidc_issuer or "", settings.oidc_jwks_url)
