"""The issuer's keys are fetched when they are wanted, kept for a while, and never fetched because somebody insists."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from joserfc.jwk import KeySet, RSAKey

from chassis.questions.keys import FRESH_SECONDS, PAUSE_SECONDS, STALE_SECONDS, FetchedKeys, FileKeys, parse
from chassis.questions.problem import Problem
from chassis.questions.reread import Reread
from tests.questions import issuer


class Issuer:
    """An issuer that counts how often it is asked, on a clock that stands where it is put."""

    def __init__(self) -> None:
        self.now, self.asked, self.keys = 0.0, 0, [issuer.KEYS["RS256"]]
        self.is_away = False
        self.address = ""

    async def answer(self, request: web.Request) -> web.Response:
        self.asked += 1
        if self.is_away:
            return web.Response(status=503)
        if request.path.startswith("/.well-known"):
            return web.json_response({"issuer": self.address, "jwks_uri": f"{self.address}/keys"})
        return web.json_response(KeySet(self.keys).as_dict(private=False))


@asynccontextmanager
async def serving() -> AsyncIterator[Issuer]:
    one = Issuer()
    application = web.Application()
    application.router.add_get("/{path:.*}", one.answer)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    one.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield one
    await runner.cleanup()


def keys_of(one: Issuer, url: str | None = "/keys") -> FetchedKeys:
    return FetchedKeys(one.address, url and f"{one.address}{url}", lambda: one.now)


async def test_they_are_fetched_once_and_kept() -> None:
    async with serving() as one:
        keys = keys_of(one)
        for _ in range(5):
            assert [key.kid for key in await keys.known("rsa")] == ["rsa"]
        assert one.asked == 1


async def test_they_are_found_by_the_discovery_document() -> None:
    async with serving() as one:
        assert [key.kid for key in await keys_of(one, None).known("rsa")] == ["rsa"]


async def test_an_unknown_key_has_them_fetched_again_but_not_at_will() -> None:
    async with serving() as one:
        keys = keys_of(one)
        await keys.known("rsa")
        one.keys.append(RSAKey.generate_key(2048, {"kid": "new"}))
        for _ in range(5):
            await keys.known("new")
        assert one.asked == 1
        one.now += PAUSE_SECONDS
        assert "new" in {key.kid for key in await keys.known("new")}
        for _ in range(5):
            await keys.known("invented")
        assert one.asked == 2


async def test_a_key_that_is_withdrawn_ends() -> None:
    async with serving() as one:
        keys = keys_of(one)
        await keys.known("rsa")
        one.keys = [issuer.KEYS["PS256"]]
        one.now += FRESH_SECONDS + 1
        assert [key.kid for key in await keys.known("rsa")] == ["pss"]


async def test_while_the_issuer_is_away_its_keys_hold_for_a_day() -> None:
    async with serving() as one:
        keys = keys_of(one)
        await keys.known("rsa")
        one.is_away = True
        one.now += FRESH_SECONDS + 1
        assert [key.kid for key in await keys.known("rsa")] == ["rsa"]
        one.now += STALE_SECONDS
        with pytest.raises(Problem, match="keys_away"):
            await keys.known("rsa")


async def test_an_issuer_that_was_never_there_is_said_to_be_away() -> None:
    with pytest.raises(Problem, match="keys_away") as raised:
        await FetchedKeys("http://127.0.0.1:1", None).known("rsa")
    assert raised.value.status == 503


def test_shared_secrets_and_keys_for_other_uses_are_no_keys() -> None:
    secret: dict[str, Any] = {"kty": "oct", "k": "c2VjcmV0", "kid": "shared"}
    with pytest.raises(ValueError, match="no public key"):
        parse(b'{"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}')
    for content in (b"[]", b"no JSON", b'{"keys": 7}', str(secret).encode()):
        with pytest.raises(ValueError, match="not a JSON Web Key Set"):
            parse(content)


async def test_a_file_of_keys_is_read_again_when_it_changes(tmp_path: Path) -> None:
    file = issuer.published(tmp_path, issuer.KEYS["RS256"])
    keys = FileKeys(Reread(file, parse, "AFTERWARD_OIDC_JWKS_FILE"))
    assert [key.kid for key in await keys.known("rsa")] == ["rsa"]
    issuer.published(tmp_path, issuer.KEYS["ES256"], issuer.KEYS["PS256"])
    assert {key.kid for key in await keys.known("rsa")} == {"ec", "pss"}
    file.write_text("half a file")
    assert {key.kid for key in await keys.known("rsa")} == {"ec", "pss"}
