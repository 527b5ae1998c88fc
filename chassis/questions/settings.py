"""Settings of how a service is asked over HTTP."""

from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
AUTHENTICATION: Final = (
    "AFTERWARD_OIDC_ISSUER with AFTERWARD_OIDC_AUDIENCE, or AFTERWARD_HTTP_CLIENT_CA_FILE with "
    "AFTERWARD_HTTP_READERS_FILE"
)
"""What configures that readers have to say who they are."""


class HttpSettings(BaseSettings):
    """Read from `AFTERWARD_*`, as all settings of a service."""

    model_config = SettingsConfigDict(
        env_prefix="AFTERWARD_", env_ignore_empty=True, frozen=True, hide_input_in_errors=True
    )

    http_certificate_file: Path | None = Field(None, description="certificate with which a service answers over TLS")
    http_key_file: Path | None = Field(None, description="key of that certificate")
    http_client_ca_file: Path | None = Field(None, description="authorities whose certificates readers may show")
    http_readers_file: Path | None = Field(None, description="what the reader of each certificate may ask, as JSON")
    oidc_issuer: str | None = Field(None, description="issuer of the tokens that readers may show")
    oidc_audience: str | None = Field(None, description="the audience that a token has to name")
    oidc_jwks_file: Path | None = Field(None, description="the issuer's keys; absent: they are fetched")
    oidc_jwks_url: str | None = Field(
        None, description="where the issuer's keys are fetched; absent: as its discovery document says"
    )
    question_connections: int = Field(4, ge=1, le=64, description="questions that the database is asked at a time")
    question_timeout_seconds: float = Field(15, gt=0, description="deadline of a question")

    @model_validator(mode="after")
    def _belong_together(self) -> "HttpSettings":
        """Raises ValueError, which names the variable, where one is of no use without another."""
        for one, other in (
            ("http_certificate_file", "http_key_file"),
            ("http_key_file", "http_certificate_file"),
            ("http_client_ca_file", "http_certificate_file"),
            ("http_client_ca_file", "http_readers_file"),
            ("http_readers_file", "http_client_ca_file"),
            ("oidc_issuer", "oidc_audience"),
            ("oidc_audience", "oidc_issuer"),
            ("oidc_jwks_file", "oidc_issuer"),
            ("oidc_jwks_url", "oidc_issuer"),
        ):
            if getattr(self, one) is not None and getattr(self, other) is None:
                raise ValueError(f"{variable(one)} needs {variable(other)}")
        if self.oidc_jwks_file is not None and self.oidc_jwks_url is not None:
            raise ValueError(f"{variable('oidc_jwks_file')} and {variable('oidc_jwks_url')}: set one of them")
        self._ensure_trusted("oidc_jwks_url")
        if self.oidc_jwks_file is None:
            self._ensure_trusted("oidc_issuer")
        return self

    def _ensure_trusted(self, name: str) -> None:
        given = getattr(self, name)
        if given is not None and not is_trusted(given):
            raise ValueError(f"{variable(name)} must begin with https://: else anybody on the way could swap the keys")

    @property
    def authenticates(self) -> bool:
        """Whether readers have to say who they are."""
        return self.oidc_issuer is not None or self.http_client_ca_file is not None


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return f"AFTERWARD_{name.upper()}"


def is_trusted(url: str) -> bool:
    """Whether nobody on the way can change what is fetched there: TLS, or this machine."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
