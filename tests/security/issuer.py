"""An issuer of tokens: a small HTTP server with the client credentials grant, and the key it signs with."""

import base64
import json
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus

from aiohttp import web
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

ISSUED = "https://issuer.example"


def _encoded(given: bytes) -> str:
    return base64.urlsafe_b64encode(given).rstrip(b"=").decode()


@dataclass
class Issuer:
    """`clients`: id → secret. What it was asked for is in `asked`; `answer`: said instead of a token, with a status."""

    clients: dict[str, str]
    life_seconds: int = 300
    asked: list[dict[str, str]] = field(default_factory=list)
    answer: tuple[int, Any] | None = None
    url: str = ""
    _key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))

    @property
    def jwk(self) -> dict[str, str]:
        """Its public key."""
        numbers = self._key.public_key().public_numbers()
        size = (numbers.n.bit_length() + 7) // 8
        modulus, exponent = _encoded(numbers.n.to_bytes(size, "big")), _encoded(numbers.e.to_bytes(3, "big"))
        return {"kty": "RSA", "kid": "one", "use": "sig", "alg": "RS256", "n": modulus, "e": exponent}

    def token(self, client: str, **claims: Any) -> str:
        """What it signs for a client."""
        now = int(time.time())
        claimed = {"iss": ISSUED, "aud": "kafka", "sub": client, "scope": "kafka", "iat": now}
        body = claimed | {"exp": now + self.life_seconds} | claims
        head = {"alg": "RS256", "kid": "one", "typ": "JWT"}
        signed = ".".join(_encoded(json.dumps(part).encode()) for part in (head, body))
        return f"{signed}.{_encoded(self._key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))}"

    async def _answer(self, request: web.Request) -> web.Response:
        self.asked.append({key: str(value) for key, value in (await request.post()).items()})
        if self.answer is not None:
            return web.json_response(self.answer[1], status=self.answer[0])
        encoded = request.headers["Authorization"].removeprefix("Basic ")
        client, _, secret = (unquote_plus(part) for part in base64.b64decode(encoded).decode().partition(":"))
        if self.clients.get(client) != secret:
            return web.json_response({"error": "invalid_client"}, status=401)
        token = {"access_token": self.token(client), "token_type": "Bearer", "expires_in": self.life_seconds}
        return web.json_response(token)

    @asynccontextmanager
    async def serving(self, context: ssl.SSLContext | None = None) -> AsyncIterator[None]:
        """It answers at `url`, on loopback."""
        application = web.Application()
        application.router.add_post("/token", self._answer)
        runner = web.AppRunner(application)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
        await site.start()
        port = runner.addresses[0][1]
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{port}/token"
        try:
            yield
        finally:
            await runner.cleanup()
