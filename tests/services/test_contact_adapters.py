"""The ways in which somebody is told, each against a real server in this process."""

import io
import json
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from standardwebhooks import Webhook as Verifier

from afterward.stack.ports import free_port
from services.contact.adapters.log import Log
from services.contact.adapters.mail import Mail
from services.contact.adapters.port import DELIVERED, GONE, Letter, failed
from services.contact.adapters.webhook import Webhooks, is_global
from services.contact.subscriptions import BadSubscriptions, MailServer, Webhook
from tests.services.receiving import LOOPBACK, Post, Receiver, counting, posting, receiving

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OLD_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
EVENT = "1a67d3eb-5800-5a82-9e2d-dbce69e3930a"
LETTER = Letter(
    EVENT,
    "afterward.AlertForwarded.v1",
    "0b0d2f0e-0d2c-5d5e-8a55-3a4a3f4f0a01",
    datetime.fromisoformat("2020-10-22T08:15:00+08:00"),
    4_000,
    {"case_id": "case-1", "evidence": ["37.8 °C, 耳温"]},
)
CONTENT = {
    "type": "afterward.AlertForwarded.v1",
    "timestamp": "2020-10-22T08:15:00+08:00",
    "sequence": "4000",
    "data": {"case_id": "case-1", "evidence": ["37.8 °C, 耳温"]},
}


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving(Receiver()) as listening:
        yield listening


@pytest.fixture
async def webhooks() -> AsyncIterator[Webhooks]:
    opened = Webhooks()
    yield opened
    await opened.close()


@pytest.fixture
def secret_file(tmp_path: Path) -> Path:
    file = tmp_path / "a.secret"
    file.write_text(f"{SECRET}\n{OLD_SECRET}\n")
    return file


def allowed(url: str, secret_file: Path) -> Webhook:
    return Webhook(url=url, secret_file=secret_file, allow_private=True)


def guarded(url: str, secret_file: Path) -> Webhook:
    """As an operator writes it who allows nothing; `http` is let through, so that no test needs a certificate."""
    return Webhook.model_construct(url=url, secret_file=secret_file, allow_private=False)


@pytest.mark.parametrize("secret", [SECRET, OLD_SECRET])
async def test_a_webhook_is_signed_so_that_whoever_knows_one_secret_can_tell(
    webhooks: Webhooks, receiver: Receiver, secret_file: Path, secret: str
) -> None:
    assert await webhooks.to(allowed(receiver.url(), secret_file)).deliver(LETTER) == DELIVERED
    (got,) = receiver.got
    assert got.headers["webhook-id"] == EVENT
    assert got.headers["content-type"] == "application/json"
    assert Verifier(secret).verify(got.body, got.headers) == CONTENT


async def test_every_attempt_brings_the_same_bytes_under_the_same_id(
    webhooks: Webhooks, receiver: Receiver, secret_file: Path
) -> None:
    receiver.answers = [500, 200]
    port = webhooks.to(allowed(receiver.url(), secret_file))
    assert [await port.deliver(LETTER), await port.deliver(LETTER)] == [failed("server_error"), DELIVERED]
    first, second = receiver.got
    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])


@pytest.mark.parametrize(
    ("status", "result"),
    [
        (204, DELIVERED),
        (302, failed("redirected")),
        (404, failed("refused")),
        (410, GONE),
        (503, failed("server_error")),
    ],
)
async def test_what_a_receiver_answers_decides_and_a_redirection_is_not_followed(
    webhooks: Webhooks, receiver: Receiver, secret_file: Path, status: int, result: object
) -> None:
    receiver.answers = [status]
    assert await webhooks.to(allowed(receiver.url(), secret_file)).deliver(LETTER) == result
    assert [got.path for got in receiver.got] == ["/in"]


async def test_the_body_of_an_answer_is_not_read(webhooks: Webhooks, receiver: Receiver, secret_file: Path) -> None:
    assert await webhooks.to(allowed(receiver.url("/endless"), secret_file)).deliver(LETTER) == DELIVERED


async def test_the_proxies_of_the_environment_are_not_used(
    webhooks: Webhooks, receiver: Receiver, secret_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://{LOOPBACK}:{free_port()}")
    assert await webhooks.to(allowed(receiver.url(), secret_file)).deliver(LETTER) == DELIVERED


async def test_a_receiver_that_is_not_there_is_unreachable(webhooks: Webhooks, secret_file: Path) -> None:
    nobody = f"http://{LOOPBACK}:{free_port()}/in"
    assert await webhooks.to(allowed(nobody, secret_file)).deliver(LETTER) == failed("unreachable")


@pytest.mark.parametrize(
    "host", [LOOPBACK, "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "127.1", "0x7f000001", "0"]
)
async def test_a_private_address_is_refused_however_it_is_written(
    webhooks: Webhooks, secret_file: Path, host: str
) -> None:
    async with counting() as (port, calls):
        result = await webhooks.to(guarded(f"http://{host}:{port}/in", secret_file)).deliver(LETTER)
        assert (result, calls) == (failed("not_allowed"), [])


async def test_a_connection_that_may_be_private_is_not_lent_to_a_subscription_that_may_not(
    webhooks: Webhooks, receiver: Receiver, secret_file: Path
) -> None:
    assert await webhooks.to(allowed(receiver.url(), secret_file)).deliver(LETTER) == DELIVERED
    assert await webhooks.to(guarded(receiver.url(), secret_file)).deliver(LETTER) == failed("not_allowed")
    assert len(receiver.got) == 1


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::5db8:d822"])
def test_an_address_of_the_internet_is_global(address: str) -> None:
    assert is_global(address)


WITHIN = (
    "10.1.2.3 172.16.0.1 192.168.0.1 127.0.0.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 "
    "::1 :: fe80::1%eth0 fd00::1 ff02::1 ::ffff:10.0.0.1 2002:7f00:1:: 64:ff9b::7f00:1 localhost 2130706433 127.1 "
    "fec0::1 feff:ffff::1 ::10.0.0.1 ::127.0.0.1 ::93.184.216.34 ::ffff:0:10.0.0.1 64:ff9b:1::a00:1 "
    "64:ff9b:1::5db8:d822 64:ff9b::a9fe:a9fe 2002:a00:1::1 2001:0:7f00:1::f5ff:fffe 2001:0:5db8:d822::f5ff:fffe "
    "2606:2800:220:1:0:5efe:10.0.0.1 3fff::1 5f00::1"
)


@pytest.mark.parametrize("address", WITHIN.split())
def test_an_address_within_and_what_is_none_are_not_global(address: str) -> None:
    assert not is_global(address)


def missing(secret_file: Path) -> Path:
    secret_file.unlink()
    return secret_file


def spoilt(secret_file: Path) -> Path:
    secret_file.write_text("whsec_no base64!")
    return secret_file


def shortened(secret_file: Path) -> Path:
    secret_file.write_text("whsec_c2hvcnQ=")
    return secret_file


def emptied(secret_file: Path) -> Path:
    secret_file.write_text("")
    return secret_file


@pytest.mark.parametrize("change", [missing, spoilt, shortened, emptied])
async def test_a_secret_that_is_none_is_said_without_repeating_it(
    webhooks: Webhooks, secret_file: Path, change: Callable[[Path], Path]
) -> None:
    with pytest.raises(BadSubscriptions, match=r"a\.secret") as refused:
        webhooks.to(allowed("http://a.example.org", change(secret_file)))
    assert "base64!" not in str(refused.value)


@pytest.fixture
async def post() -> AsyncIterator[Post]:
    async with posting(Post()) as listening:
        yield listening


def server(post: Post, tls: str = "none") -> MailServer:
    return MailServer.model_validate(
        {"host": LOOPBACK, "port": post.port, "sender": "afterward@example.org", "tls": tls}
    )


async def test_a_mail_brings_the_event_to_a_mailbox_under_the_same_message_id_each_time(post: Post) -> None:
    mail = Mail(server(post), "desk@example.org")
    assert [await mail.deliver(LETTER), await mail.deliver(LETTER)] == [DELIVERED, DELIVERED]
    ids = []
    for envelope in post.got:
        message = message_from_bytes(envelope.content, policy=policy.default)  # type: ignore[arg-type]
        text = message.get_content()
        assert envelope.rcpt_tos == ["desk@example.org"]
        assert message["Subject"] == "Afterward: AlertForwarded"
        assert json.loads(text[text.index("{") :]) == CONTENT
        ids.append(message["Message-ID"])
    assert ids == [f"<{LETTER.delivery_id}@example.org>"] * 2


@pytest.mark.parametrize(
    ("refuse", "reason"), [("550 no such mailbox", "refused"), ("451 try again later", "server_error")]
)
async def test_a_mailbox_that_is_refused_is_told_apart_from_a_server_in_trouble(
    post: Post, refuse: str, reason: str
) -> None:
    post.refuse = refuse
    result = await Mail(server(post), "desk@example.org").deliver(LETTER)
    assert (result.outcome, result.reason) == ("failed", reason)


async def test_nothing_is_mailed_in_the_clear_where_tls_was_asked_for(post: Post) -> None:
    result = await Mail(server(post, "starttls"), "desk@example.org").deliver(LETTER)
    assert result.outcome == "failed"
    assert post.got == []


async def test_a_mail_server_that_is_not_there_is_unreachable() -> None:
    nobody = server(Post(port=free_port()))
    assert await Mail(nobody, "desk@example.org").deliver(LETTER) == failed("unreachable")


def test_a_password_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    without = server(Post(port=25)).model_copy(update={"password_file": tmp_path / "none"})
    with pytest.raises(BadSubscriptions, match=r"mail\.password_file cannot be read"):
        Mail(without, "desk@example.org")


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    with io.StringIO() as opened:
        yield opened


async def test_a_log_is_a_line_of_json(stream: io.StringIO) -> None:
    assert await Log("record", stream).deliver(LETTER) == DELIVERED
    (line,) = stream.getvalue().splitlines()
    assert json.loads(line) == {"subscription": "record", "id": EVENT, **CONTENT}
