"""An issuer of tokens, and readers' claims."""

import hmac
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from joserfc import jwt
from joserfc.jwk import ECKey, Key, KeySet, OKPKey, RSAKey
from joserfc.util import urlsafe_b64encode

from chassis.clock import real_now
from chassis.questions.authentication import Authentication
from chassis.questions.keys import FileKeys, parse
from chassis.questions.reread import Reread
from chassis.questions.tokens import Tokens

ISSUER: Final = "https://issuer.example/realm"
AUDIENCE: Final = "afterward"
KEYS: Final[Mapping[str, Key]] = {
    "RS256": RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"}),
    "PS256": RSAKey.generate_key(2048, {"kid": "pss", "use": "sig"}),
    "ES256": ECKey.generate_key("P-256", {"kid": "ec", "use": "sig"}),
    "EdDSA": OKPKey.generate_key("Ed25519", {"kid": "ed", "use": "sig"}),
}
STRANGER: Final = RSAKey.generate_key(2048, {"kid": "rsa"})
"""Somebody else's key, under an id of the issuer's."""
ALL: Final = "read:cases read:worklists operate forget"


def claims(**more: Any) -> dict[str, Any]:
    """Claims of a reader who may everything; None takes one away."""
    now = int(real_now().timestamp())
    of = {"iss": ISSUER, "aud": AUDIENCE, "sub": "reader-1", "iat": now, "exp": now + 300, "scope": ALL}
    return {name: value for name, value in {**of, **more}.items() if value is not None}


def token(algorithm: str = "RS256", key: Key | None = None, **more: Any) -> str:
    """A token of the issuer."""
    signing = key or KEYS[algorithm]
    header = {"alg": algorithm, "kid": signing.kid}
    return jwt.encode(header, claims(**more), signing, algorithms=[algorithm])


def unsigned(**more: Any) -> str:
    """A token that says of itself that it need not be signed."""
    _header, body, _ = token(**more).split(".")
    return f"{encoded({'alg': 'none', 'kid': 'rsa'})}.{body}."


def signed_with_the_public_key() -> str:
    """The confusion of algorithms: the public key, which everybody has, taken for a shared secret."""
    signed = f"{encoded({'alg': 'HS256', 'kid': 'rsa'})}.{encoded(claims())}"
    key: Any = KEYS["RS256"]
    mac = hmac.digest(key.as_pem(private=False), signed.encode(), "sha256")
    return f"{signed}.{urlsafe_b64encode(mac).decode()}"


def encoded(part: Mapping[str, Any]) -> str:
    """A part of a token."""
    return urlsafe_b64encode(json.dumps(part).encode()).decode()


def published(folder: Path, *keys: Key) -> Path:
    """The issuer's public keys as a file."""
    file = folder / "jwks.json"
    file.write_text(json.dumps(KeySet(list(keys or KEYS.values())).as_dict(private=False)))
    return file


def authentication(folder: Path) -> Authentication:
    """Readers show tokens of the issuer."""
    keys = FileKeys(Reread(published(folder), parse, "AFTERWARD_OIDC_JWKS_FILE"))
    return Authentication(Tokens(ISSUER, AUDIENCE, keys), None)
