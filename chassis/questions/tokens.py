"""Bearer tokens of an OIDC issuer: signature, issuer, audience and time are checked before a claim is believed."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import ExpiredTokenError, InvalidClaimError, JoseError, MissingClaimError
from joserfc.jws import extract_compact

from chassis.clock import real_now
from chassis.questions.keys import Keys, keys_of
from chassis.questions.problem import Problem
from chassis.questions.reader import BadLimits, Reader, limited
from chassis.questions.settings import HttpSettings

ALGORITHMS: Final = ("RS256", "PS256", "ES256", "EdDSA", "Ed25519")
LEEWAY_SECONDS: Final = 30
LONGEST_TOKEN: Final = 16_384
LONGEST_NAME: Final = 200


class Tokens:
    """Tokens of one issuer for one audience."""

    def __init__(self, issuer: str, audience: str, keys: Keys, now: Callable[[], datetime] = real_now) -> None:
        self._keys, self._now = keys, now
        self._expected: dict[str, Any] = {
            "iss": {"essential": True, "value": issuer},
            "aud": {"essential": True, "value": audience},
            "exp": {"essential": True},
            "sub": {"essential": True},
        }

    async def reader(self, token: str) -> Reader:
        """Who has the token, and what they may. Raises Problem."""
        claims = await self._claims(token)
        name = claims["sub"]
        if not name.isprintable() or len(name) > LONGEST_NAME:
            raise _refused(f"its subject is not one line of up to {LONGEST_NAME} characters")
        try:
            return limited(name, "token", claims)
        except BadLimits as error:
            raise _refused(str(error)) from None

    async def _claims(self, token: str) -> dict[str, Any]:
        if len(token) > LONGEST_TOKEN:
            raise _refused("it is too long")
        try:
            kid = _kid(token)
            keys = await self._keys.known(kid)
            claims = jwt.decode(token, keys, algorithms=list(ALGORITHMS)).claims
            jwt.JWTClaimsRegistry(int(self._now().timestamp()), LEEWAY_SECONDS, **self._expected).validate(claims)
        except ExpiredTokenError:
            raise _refused("it has expired") from None
        except (InvalidClaimError, MissingClaimError) as error:
            raise _refused(f"its claim {error.claim} is missing or not as it must be") from None
        except (JoseError, ValueError, TypeError, KeyError):
            raise _refused("it is no token signed by a key of the issuer with an algorithm that is allowed") from None
        return claims


def _kid(token: str) -> str | None:
    """The id of the key that a token names; nothing of it is believed yet. Raises JoseError, ValueError."""
    kid = extract_compact(token.encode()).headers().get("kid")
    return kid if isinstance(kid, str) else None


def _refused(why: str) -> Problem:
    challenge = {"www-authenticate": 'Bearer error="invalid_token"'}
    return Problem("bad_token", f"the token is not accepted: {why}", challenge)


def tokens_of(settings: HttpSettings) -> Tokens | None:
    """Tokens as the settings want them; None where they name no issuer."""
    if settings.oidc_issuer is None or settings.oidc_audience is None:
        return None
    return Tokens(settings.oidc_issuer, settings.oidc_audience, keys_of(settings))
