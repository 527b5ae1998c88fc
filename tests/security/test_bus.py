"""Kafka behind TLS and SASL: who is let in, and what is said to whoever is not."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import TopicAuthorizationFailedError

from afterward.cli.console import Failure
from afterward.cli.reaching import reaching
from afterward.stack.bus import answers
from afterward.stack.kafka import Kafka
from afterward.stack.topics import TopicSpec, end_offsets, ensure_topics
from chassis.bus_access import BusAccess
from chassis.bus_diagnosis import why_not
from chassis.failures import of_bus
from tests.certificates import Authority
from tests.secured import certificate_access, scram_access, secret_file
from tests.security.conftest import PASSWORD, SERVICE, STRANGER
from tests.security.issuer import Issuer

pytestmark = pytest.mark.needs_kafka
TOPIC = "locked"


@pytest.fixture
async def scram(secured_kafka: Kafka, authority: Authority) -> BusAccess:
    """The service, by its password."""
    access = scram_access(secured_kafka, authority, SERVICE, PASSWORD)
    await ensure_topics(access, [TopicSpec(TOPIC, 1)])
    return access


@pytest.fixture
def mutual(secured_kafka: Kafka, authority: Authority) -> BusAccess:
    """The service, by its certificate."""
    return certificate_access(secured_kafka, authority, SERVICE)


async def exchange(access: BusAccess, word: bytes) -> None:
    """A word is written and read again."""
    async with AIOKafkaProducer(**access.options(), acks="all") as producer:
        written = await producer.send_and_wait(TOPIC, word)
    async with AIOKafkaConsumer(TOPIC, **access.options(), auto_offset_reset="earliest") as consumer:
        read = [(record.offset, record.value) async for record in _up_to(consumer, written.offset)]
    assert read[-1] == (written.offset, word)


async def _up_to(consumer: AIOKafkaConsumer, offset: int):  # type: ignore[no-untyped-def]
    async for record in consumer:
        yield record
        if record.offset >= offset:
            return


async def test_a_user_with_a_password_and_a_client_with_a_certificate_write_and_read(
    scram: BusAccess, mutual: BusAccess
) -> None:
    for access in (scram, mutual):
        access.check(str)
        await exchange(access, access.security_protocol.encode())
        assert await answers(access)
        assert await why_not(access, [TOPIC]) is None


async def test_a_token_of_an_issuer_lets_a_service_in(
    scram: BusAccess, issuer: Issuer, authority: Authority, tmp_path: Path
) -> None:
    async with issuer.serving():
        access = token_access(scram, issuer, secret_file(tmp_path / "secret", "client-secret"))
        access.check(str)
        await exchange(access, b"by token")
        secret_file(tmp_path / "secret", "wrong")
        assert f"{issuer.url} gives no token (status 401: invalid_client)" in str(await why_not(access))
    assert "gives no token" in str(await why_not(access))


async def test_a_token_that_the_bus_does_not_take_is_refused_and_said_to_be(
    scram: BusAccess, issuer: Issuer, tmp_path: Path
) -> None:
    forger = Issuer({SERVICE: "client-secret"})
    async with forger.serving():
        access = token_access(scram, forger, secret_file(tmp_path / "secret", "client-secret"))
        assert f"refuses the token of {SERVICE}" in str(await why_not(access))


def token_access(scram: BusAccess, issuer: Issuer, secret: Path) -> BusAccess:
    """The same service, by a token."""
    return replace(
        scram,
        sasl_mechanism="OAUTHBEARER",
        username=None,
        password_file=None,
        token_url=issuer.url,
        client_id=SERVICE,
        client_secret_file=secret,
    )


async def test_whoever_may_not_use_a_topic_reads_which(
    scram: BusAccess, secured_kafka: Kafka, authority: Authority
) -> None:
    stranger = scram_access(secured_kafka, authority, STRANGER, PASSWORD)
    assert "does not let user stranger at topic locked" in str(await why_not(stranger, [TOPIC]))
    async with AIOKafkaProducer(**stranger.options()) as producer:
        with pytest.raises(TopicAuthorizationFailedError) as refused:
            await producer.send_and_wait(TOPIC, b"not mine")
        assert of_bus(refused.value) == "this user may not use topic locked"
        with pytest.raises(Failure, match="this user may not use topic locked"):
            async with reaching(stranger):
                await producer.send_and_wait(TOPIC, b"not mine")


async def test_a_verb_says_in_one_line_who_refuses_it(scram: BusAccess, tmp_path: Path) -> None:
    wrong = replace(scram, password_file=secret_file(tmp_path / "wrong", "no"))
    with pytest.raises(Failure, match=r"refuses user treatment: .* is not that user's password$"):
        async with reaching(wrong), AIOKafkaProducer(**wrong.options()):
            pass
    plain = BusAccess(scram.bootstrap_servers)
    with pytest.raises(Failure, match="speaks TLS there, and this client plain text"):
        async with reaching(plain):
            await end_offsets(plain, [TopicPartition(TOPIC, 0)])


Change = Callable[[BusAccess, BusAccess, Authority, Path], BusAccess]
REFUSALS: dict[str, tuple[Change, str]] = {
    "wrong password": (
        lambda scram, _m, _o, folder: replace(scram, password_file=secret_file(folder / "wrong", "no")),
        "refuses user treatment: there is no such user, or {folder}/wrong is not that user's password",
    ),
    "no such user": (lambda scram, *_: replace(scram, username="nobody"), "refuses user nobody"),
    "mechanism": (lambda scram, *_: replace(scram, sasl_mechanism="SCRAM-SHA-256"), "does not take SCRAM-SHA-256"),
    "wrong authority": (
        lambda scram, _m, other, _f: replace(scram, ca_file=other.file),
        "shows a certificate that does not come from {other}",
    ),
    "other name": (
        lambda scram, *_: replace(scram, bootstrap_servers=scram.bootstrap_servers.replace("127.0.0.1", "localhost")),
        "shows a certificate that is not for this host name",
    ),
    "TLS port spoken to in plain text": (
        lambda scram, *_: BusAccess(scram.bootstrap_servers),
        "speaks TLS there, and this client plain text (PLAINTEXT)",
    ),
    "SASL port without SASL": (
        lambda scram, mutual, *_: replace(mutual, bootstrap_servers=scram.bootstrap_servers),
        "it may want SASL there",
    ),
    "no client's certificate": (
        lambda _s, mutual, *_: replace(mutual, certificate_file=None, key_file=None),
        "wants a client's certificate",
    ),
    "certificate of another authority": (
        lambda _s, mutual, other, _f: _showing(mutual, other, expired=False),
        "refuses this client's certificate",
    ),
    "nobody there": (lambda *_: BusAccess("127.0.0.1:1"), "nobody listens there"),
    "no such host": (lambda *_: BusAccess("nowhere.invalid:9092"), "no such host"),
}


def _showing(mutual: BusAccess, authority: Authority, *, expired: bool) -> BusAccess:
    issued = authority.issue("shown", expired=expired)
    return replace(mutual, certificate_file=issued.certificate, key_file=issued.key)


@pytest.mark.parametrize("name", REFUSALS)
async def test_who_is_refused_reads_which_of_it_is_wrong(
    name: str, scram: BusAccess, mutual: BusAccess, other_authority: Authority, tmp_path: Path
) -> None:
    change, words = REFUSALS[name]
    access = change(scram, mutual, other_authority, tmp_path)
    why = str(await why_not(access))
    assert words.format(folder=tmp_path, other=other_authority.file) in why
    assert PASSWORD not in why
    assert not await answers(access)


async def test_a_plain_port_spoken_to_with_tls_is_said_to_be_plain(scram: BusAccess, secured_kafka: Kafka) -> None:
    why = await why_not(replace(scram, bootstrap_servers=secured_kafka.bootstrap_servers))
    assert "speaks plain text there, and this client TLS (SASL_SSL)" in str(why)
    sasl_only = replace(
        scram, bootstrap_servers=secured_kafka.bootstrap_servers, security_protocol="SASL_PLAINTEXT", ca_file=None
    )
    assert "has no SASL on this port" in str(await why_not(sasl_only))


async def test_a_clients_certificate_that_has_expired_is_refused(mutual: BusAccess, authority: Authority) -> None:
    assert "refuses this client's certificate: it has expired" in str(
        await why_not(_showing(mutual, authority, expired=True))
    )
