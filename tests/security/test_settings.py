"""A setting of an access that does not serve stops a process at its start, with the name of its variable."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from chassis.bus_access import BusAccess
from chassis.process.access_settings import BusSettings, DatabaseSettings, in_words, variables
from chassis.process.settings import Settings
from chassis.secret_files import Password
from tests.certificates import Authority
from tests.secured import secret_file

SECRET = "correct-horse-battery-staple"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what settings may name."""
    folder = tmp_path_factory.mktemp("files")
    authority = Authority(folder)
    authority.issue("me")
    authority.issue("other")
    secret_file(folder / "password", SECRET)
    (folder / "empty").touch()
    (folder / "bytes").write_bytes(b"\xff\xfe")
    return folder


SCRAM = {
    "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
    "KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
    "KAFKA_USERNAME": "intake",
    "KAFKA_PASSWORD_FILE": "{files}/password",
    "KAFKA_CA_FILE": "{files}/ca.pem",
}
TOKEN = {
    "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
    "KAFKA_SASL_MECHANISM": "OAUTHBEARER",
    "KAFKA_TOKEN_URL": "https://issuer.example/token",
    "KAFKA_CLIENT_ID": "intake",
    "KAFKA_CLIENT_SECRET_FILE": "{files}/password",
}
MUTUAL = {
    "KAFKA_SECURITY_PROTOCOL": "SSL",
    "KAFKA_CA_FILE": "{files}/ca.pem",
    "KAFKA_CERTIFICATE_FILE": "{files}/me.crt",
    "KAFKA_KEY_FILE": "{files}/me.key",
}
DATABASE = {
    "DATABASE_DSN": "postgresql://intake@localhost/intake",
    "DATABASE_PASSWORD_FILE": "{files}/password",
    "DATABASE_CA_FILE": "{files}/ca.pem",
}


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        for field in Settings.model_fields:
            patch.delenv(f"AFTERWARD_{field.upper()}", raising=False)
        yield


def settings(given: dict[str, str], files: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings as a process finds them."""
    for name, value in given.items():
        monkeypatch.setenv(f"AFTERWARD_{name}", value.replace("{files}", str(files)))
    return Settings()


@pytest.mark.parametrize("given", [{}, SCRAM, TOKEN, MUTUAL, DATABASE, SCRAM | DATABASE])
def test_what_serves_is_taken(given: dict[str, str], files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = settings(given, files, monkeypatch)
    assert found.bus.options()["security_protocol"] == given.get("KAFKA_SECURITY_PROTOCOL", "PLAINTEXT")
    assert found.database.options()["dsn"] == given.get("DATABASE_DSN", "postgresql://localhost/afterward")


@pytest.mark.parametrize(
    ("base", "change", "named", "why"),
    [
        ({}, {"KAFKA_SECURITY_PROTOCOL": "TLS"}, "KAFKA_SECURITY_PROTOCOL", "must be one of PLAINTEXT, SSL"),
        ({}, {"KAFKA_CA_FILE": "{files}/ca.pem"}, "KAFKA_CA_FILE", "AFTERWARD_KAFKA_SECURITY_PROTOCOL is PLAINTEXT"),
        ({}, {"KAFKA_USERNAME": "intake"}, "KAFKA_USERNAME", "has no SASL"),
        (SCRAM, {"KAFKA_SASL_MECHANISM": "SCRAM"}, "KAFKA_SASL_MECHANISM", "must be one of SCRAM-SHA-512"),
        (SCRAM, {"KAFKA_USERNAME": ""}, "KAFKA_USERNAME", "is missing: AFTERWARD_KAFKA_SASL_MECHANISM is SCRAM"),
        (SCRAM, {"KAFKA_PASSWORD_FILE": "{files}/none"}, "KAFKA_PASSWORD_FILE", "there is no file"),
        (SCRAM, {"KAFKA_PASSWORD_FILE": "{files}/empty"}, "KAFKA_PASSWORD_FILE", "is empty"),
        (SCRAM, {"KAFKA_PASSWORD_FILE": "{files}"}, "KAFKA_PASSWORD_FILE", "is a folder"),
        (SCRAM, {"KAFKA_PASSWORD_FILE": "{files}/bytes"}, "KAFKA_PASSWORD_FILE", "is no text"),
        (SCRAM, {"KAFKA_CA_FILE": "{files}/password"}, "KAFKA_CA_FILE", "holds no certificate of an authority"),
        (SCRAM, {"KAFKA_CLIENT_ID": "x"}, "KAFKA_CLIENT_ID", "has no use for it"),
        (SCRAM, {"KAFKA_CERTIFICATE_FILE": "{files}/me.crt"}, "KAFKA_KEY_FILE", "is missing: AFTERWARD_KAFKA_CERT"),
        (
            MUTUAL,
            {"KAFKA_KEY_FILE": "{files}/other.key"},
            "KAFKA_CERTIFICATE_FILE",
            "no certificate in PEM and its key",
        ),
        (TOKEN, {"KAFKA_TOKEN_URL": "issuer.example"}, "KAFKA_TOKEN_URL", "must begin with https://"),
        (TOKEN, {"KAFKA_CLIENT_SECRET_FILE": "{files}/empty"}, "KAFKA_CLIENT_SECRET_FILE", "is empty"),
        (DATABASE, {"DATABASE_DSN": f"postgresql://intake:{SECRET}@h/d"}, "DATABASE_DSN", "has a password, and"),
        (DATABASE, {"DATABASE_DSN": "postgresql://h/d?sslmode=disable"}, "DATABASE_DSN", "says how TLS is spoken"),
        (DATABASE, {"DATABASE_CA_FILE": "{files}/me.key"}, "DATABASE_CA_FILE", "holds no certificate of an authority"),
        (DATABASE, {"DATABASE_PASSWORD_FILE": "{files}/none"}, "DATABASE_PASSWORD_FILE", "there is no file"),
        ({}, {"DATABASE_KEY_FILE": "{files}/me.key"}, "DATABASE_KEY_FILE", "without AFTERWARD_DATABASE_CA_FILE"),
        ({}, {"WORKERS": SECRET}, "WORKERS", "should be a valid integer"),
    ],
)
def test_what_does_not_serve_is_named_and_no_value_is_shown(
    base: dict[str, str],
    change: dict[str, str],
    named: str,
    why: str,
    files: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(ValidationError) as wrong:
        settings(base | change, files, monkeypatch)
    assert in_words(wrong.value).startswith(f"AFTERWARD_{named}: ")
    assert why in in_words(wrong.value)
    assert SECRET not in str(wrong.value) + in_words(wrong.value)


def test_a_file_that_may_not_be_read_is_named(monkeypatch: pytest.MonkeyPatch, files: Path) -> None:
    def refuse(file: Path, **_: object) -> str:
        raise PermissionError(13, "Permission denied", str(file))

    monkeypatch.setattr(Path, "read_text", refuse)
    with pytest.raises(ValidationError, match="AFTERWARD_KAFKA_CA_FILE: this process may not read"):
        settings(SCRAM, files, monkeypatch)


def test_the_environment_of_an_access_is_that_access_again(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    access = settings(SCRAM, files, monkeypatch).bus
    for name, value in variables(access).items():
        monkeypatch.setenv(name, value)
    assert BusSettings().bus == access
    assert DatabaseSettings().database.dsn == "postgresql://localhost/afterward"


def test_a_password_is_read_anew_and_shown_nowhere(tmp_path: Path) -> None:
    file = secret_file(tmp_path / "password", "first")
    access = BusAccess("h:1", "SASL_PLAINTEXT", "SCRAM-SHA-512", "intake", file)
    password = access.options()["sasl_plain_password"]
    secret_file(file, "second")
    assert password.encode() == b"second"
    assert isinstance(password, Password)
    assert "first" not in repr(access.options()) + repr(access)
