"""Why Kafka cannot be used: its client says only that it cannot, so the address is tried once more, step by step."""

import asyncio
import socket
import ssl
import struct
from collections.abc import Callable, Iterable, Sequence

from aiokafka.conn import AIOKafkaConnection, collect_hosts
from aiokafka.errors import (
    IllegalSaslStateError,
    KafkaError,
    SaslAuthenticationFailed,
    TopicAuthorizationFailedError,
    UnsupportedSaslMechanismError,
)
from aiokafka.protocol.metadata import MetadataRequest

from chassis import failures
from chassis.bus_access import BusAccess
from chassis.secret_files import client_context

STEP_SECONDS = 5.0
ALERT_SECONDS = 1.0
"""So long an answer to a client's certificate is waited for: a server that takes it is silent."""
LIMIT_SECONDS = 30.0
LONGEST_ANSWER_BYTES = 1024 * 1024
_HELLO = struct.pack(">ihhih", 10, 18, 0, 1, -1)
"""ApiVersions, version 0, from a client without a name: the first question that any broker answers."""


async def why_not(bus: BusAccess, topics: Iterable[str] = ()) -> str | None:
    """Why the bus, or one of these topics, cannot be used with this access; None when it can, or nobody knows.

    Of several addresses one that can be used is enough. Waits for `LIMIT_SECONDS` at most. Holds no secret.
    """
    wanted, found = sorted(set(topics)), []
    try:
        async with asyncio.timeout(LIMIT_SECONDS):
            for host, port, _ in collect_hosts(bus.bootstrap_servers, randomize=False):
                why = await _why_not(bus, host, port, wanted)
                if why is None:
                    return None
                found.append(f"{host}:{port} {why}")
    except TimeoutError:
        found.append("nothing else answers in time")
    except ValueError:
        return f"{bus.bootstrap_servers} is no list of host:port"
    return "; ".join(found)


async def _why_not(bus: BusAccess, host: str, port: int, topics: Sequence[str]) -> str | None:
    steps: list[Callable[[BusAccess, str, int], str | None]] = [_listens]
    if bus.is_encrypted:
        steps.append(_shakes_hands)
    for step in steps:
        if why := await asyncio.to_thread(step, bus, host, port):
            return why
    return await _answers(bus, host, port, topics)


def _listens(_bus: BusAccess, host: str, port: int) -> str | None:
    try:
        socket.create_connection((host, port), STEP_SECONDS).close()
    except socket.gaierror:
        return "cannot be found: no such host"
    except ConnectionRefusedError:
        return "is silent: nobody listens there"
    except OSError as error:
        return f"cannot be reached ({error.strerror or 'no answer in time'})"
    return None


def _shakes_hands(bus: BusAccess, host: str, port: int) -> str | None:
    try:
        context = client_context(bus.ca_file, bus.certificate_file, bus.key_file)
    except OSError as error:
        return f"is not asked: the certificates of this client cannot be read ({error.strerror or error})"
    try:
        _handshake(context, host, port)
    except ssl.SSLError as error:
        if why := failures.of_tls(error, bus.ca_file):
            return why
        broken: OSError = error
    except OSError as error:
        broken = error
    else:
        return None
    if _speaks_plain(host, port):
        return f"speaks plain text there, and this client TLS ({bus.security_protocol}): take another port, or protocol"
    return f"breaks the TLS handshake off ({type(broken).__name__})"


def _handshake(context: ssl.SSLContext, host: str, port: int) -> None:
    """With TLS 1.3 a client is ready before the server has looked at its certificate: the refusal comes after it."""
    with (
        socket.create_connection((host, port), STEP_SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=host) as encrypted,
    ):
        encrypted.settimeout(ALERT_SECONDS)
        try:
            encrypted.recv(1)
        except TimeoutError:
            return


def _speaks_plain(host: str, port: int) -> bool:
    """Whether an answer has a length, as Kafka's have; the alert of a TLS port would be one of 350 MB."""
    try:
        with socket.create_connection((host, port), STEP_SECONDS) as plain:
            plain.sendall(_HELLO)
            length = plain.recv(4)
            return len(length) == 4 and int.from_bytes(length) < LONGEST_ANSWER_BYTES
    except OSError:
        return False


def _speaks_tls(host: str, port: int) -> bool:
    """Whoever it is: nothing is sent there but the handshake."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with socket.create_connection((host, port), STEP_SECONDS) as plain, context.wrap_socket(plain):
            return True
    except ssl.SSLError as error:
        return "ALERT" in (error.reason or "")
    except OSError:
        return False


async def _answers(bus: BusAccess, host: str, port: int, topics: Sequence[str]) -> str | None:
    """What SASL and a first question bring."""
    try:
        options = bus.options()
    except OSError as error:
        return f"is not asked: a secret of this client cannot be read ({error.strerror or error})"
    del options["bootstrap_servers"]
    connection = AIOKafkaConnection(host, port, request_timeout_ms=int(STEP_SECONDS * 1000), **options)
    try:
        await connection.connect()
        answer = await connection.send(MetadataRequest(list(topics)))
    except (OSError, KafkaError, TimeoutError, ValueError) as error:
        return _refusal(bus, error) or await asyncio.to_thread(_closed, bus, host, port, error)
    finally:
        connection.close()
    denied = sorted(topic[1] for topic in answer.topics if topic[0] == TopicAuthorizationFailedError.errno)
    return (
        f"does not let {_who(bus)} at topic {', '.join(denied)}: its access list does not name it" if denied else None
    )


def _refusal(bus: BusAccess, error: Exception) -> str | None:
    if isinstance(error, SaslAuthenticationFailed):
        if bus.sasl_mechanism == "OAUTHBEARER":
            return f"refuses the token of {bus.client_id} ({_first_line(error)})"
        return f"refuses {_who(bus)}: there is no such user, or {bus.password_file} is not that user's password"
    if isinstance(error, UnsupportedSaslMechanismError):
        return f"does not take {bus.sasl_mechanism}"
    if isinstance(error, IllegalSaslStateError):
        return f"has no SASL on this port, and {bus.security_protocol} wants it: take another port, or protocol"
    if bus.sasl_mechanism == "OAUTHBEARER" and bus.token_url and bus.token_url in str(error):
        return f"is not asked: {_first_line(error)}"
    return None


def _closed(bus: BusAccess, host: str, port: int, error: Exception) -> str:
    """The broker has closed the connection without a word, as it does where another protocol is spoken."""
    if not bus.is_encrypted and _speaks_tls(host, port):
        return f"speaks TLS there, and this client plain text ({bus.security_protocol}): take another port, or protocol"
    if not bus.is_authenticated:
        return f"ends the connection: it may want SASL there, and this client has none ({bus.security_protocol})"
    return f"ends the connection ({type(error).__name__})"


def _who(bus: BusAccess) -> str:
    return f"user {bus.username}" if bus.username else "this client"


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:300]
