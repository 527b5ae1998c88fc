"""A token by the client credentials grant: asked for once, kept, renewed in time, and refused in words."""

import ssl
from pathlib import Path

import pytest
from aiokafka.errors import KafkaConnectionError

from chassis import bus_token
from chassis.bus_token import ClientCredentials
from tests.certificates import Authority
from tests.secured import secret_file
from tests.security.issuer import Issuer

ODD = "s%cr:t +é"


class Clock:
    """A monotonic clock that is set by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the provider."""
    clock = Clock()
    monkeypatch.setattr(bus_token, "monotonic", clock)
    return clock


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the secret is."""
    return secret_file(tmp_path / "secret", ODD)


async def test_a_token_is_kept_until_a_fifth_of_its_time_is_left(clock: Clock, file: Path) -> None:
    issuer = Issuer({"a client": ODD}, life_seconds=100)
    async with issuer.serving():
        provider = ClientCredentials(issuer.url, "a client", file, "kafka", None)
        first = await provider.token()
        clock.now = 79
        assert await provider.token() == first
        clock.now = 80
        await provider.token()
    assert issuer.asked == [{"grant_type": "client_credentials", "scope": "kafka"}] * 2


async def test_a_secret_that_was_replaced_is_used_for_the_next_token(clock: Clock, file: Path) -> None:
    issuer = Issuer({"me": ODD})
    async with issuer.serving():
        provider = ClientCredentials(issuer.url, "me", file, None, None)
        await provider.token()
        issuer.clients["me"] = "another"
        clock.now = 1_000
        with pytest.raises(KafkaConnectionError, match="status 401: invalid_client"):
            await provider.token()
        secret_file(file, "another")
        assert await provider.token()


@pytest.mark.parametrize(
    "answer", [(200, {}), (200, ["x"]), (500, "gone"), (302, {}), (200, {"access_token": 1, "expires_in": "x"})]
)
async def test_an_answer_that_is_none_of_an_issuer_is_an_error_in_words(answer: tuple[int, object], file: Path) -> None:
    issuer = Issuer({}, answer=answer)
    async with issuer.serving():
        with pytest.raises(KafkaConnectionError, match=f"gives no token .status {answer[0]}: an answer that is none"):
            await ClientCredentials(issuer.url, "me", file, None, None).token()


async def test_an_issuer_that_is_away_or_shows_another_certificate_gives_no_token(
    file: Path, authority: Authority, other_authority: Authority
) -> None:
    issued, context = authority.issue("issuer", "127.0.0.1"), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(issued.certificate, issued.key)
    issuer = Issuer({"me": ODD})
    async with issuer.serving(context):
        assert await ClientCredentials(issuer.url, "me", file, None, authority.file).token()
        for ca in (None, other_authority.file):
            with pytest.raises(KafkaConnectionError, match=r"gives no token .*CERTIFICATE_VERIFY_FAILED"):
                await ClientCredentials(issuer.url, "me", file, None, ca).token()
    with pytest.raises(KafkaConnectionError, match="gives no token"):
        await ClientCredentials(issuer.url, "me", file, None, authority.file).token()
