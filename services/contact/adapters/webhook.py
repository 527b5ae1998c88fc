"""Signed webhooks in the Standard Webhooks form: POST, one event each, the event's id as `webhook-id`.

A receiver's address is a stranger's word: it may name a machine of ours. So what is connected to is looked at, not what
was written: every address that a name, or a number in any spelling, came down to, at the moment of connecting.
"""

import errno
import ipaddress
import socket
from base64 import b64decode
from collections.abc import Iterator, Sequence
from typing import Any, Final

import aiohttp
from standardwebhooks import Webhook as Signer

from chassis.clock import real_now
from services.contact.adapters.port import DELIVERED, GONE, Letter, Result, failed
from services.contact.subscriptions import BadSubscriptions, Webhook

HTTP_REDIRECTED, HTTP_REFUSED, HTTP_GONE, HTTP_SERVER_ERROR = 300, 400, 410, 500
KEY_BYTES = range(24, 65)
"""As Standard Webhooks asks for."""


class Webhooks:
    """The connections of all webhooks: those that may lead into a private network are never lent to the others."""

    def __init__(self) -> None:
        self._guarded = _session(_global_socket)
        self._open = _session(_any_socket)

    def to(self, webhook: Webhook) -> "WebhookPort":
        """One receiver. Raises BadSubscriptions when its secrets cannot be read."""
        return WebhookPort(self._open if webhook.allow_private else self._guarded, webhook)

    async def close(self) -> None:
        """Lets all connections go."""
        await self._guarded.close()
        await self._open.close()


class WebhookPort:
    """One receiver's address, and the secrets that it knows."""

    def __init__(self, session: aiohttp.ClientSession, webhook: Webhook) -> None:
        self._session, self._url = session, webhook.url
        self._signers = _signers(webhook)

    async def deliver(self, letter: Letter) -> Result:
        """Posts the letter. Redirections are not followed, and what the receiver answers beside its status not read."""
        body = letter.body
        headers = {"content-type": "application/json", **self._signed(letter.event_id, body)}
        try:
            response = await self._session.post(self._url, data=body.encode(), headers=headers, allow_redirects=False)
        except aiohttp.ServerTimeoutError:
            raise TimeoutError from None
        except aiohttp.ClientConnectorError as error:
            return failed("not_allowed" if error.os_error.errno == errno.EACCES else "unreachable")
        except aiohttp.InvalidURL:  # such as a number that is no address as one writes it
            return failed("not_allowed")
        except aiohttp.ClientError:
            return failed("unreachable")
        response.close()
        return _result(response.status)

    def _signed(self, message_id: str, body: str) -> dict[str, str]:
        """By every secret, so that a receiver may change to a new one; at the real time, which receivers live by."""
        now = real_now()
        return {
            "webhook-id": message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(signer.sign(message_id, now, body) for signer in self._signers),
        }


def _result(status: int) -> Result:
    if status == HTTP_GONE:
        return GONE
    if status >= HTTP_SERVER_ERROR:
        return failed("server_error")
    if status >= HTTP_REFUSED:
        return failed("refused")
    return failed("redirected") if status >= HTTP_REDIRECTED else DELIVERED


def _signers(webhook: Webhook) -> Sequence[Signer]:
    """One for each line of the secret file."""
    try:
        keys = [_key(line) for line in webhook.secret_file.read_text(encoding="utf-8").split()]
    except OSError as error:
        raise BadSubscriptions(f"{webhook.secret_file} cannot be read: {error.strerror}") from None
    except ValueError:
        keys = []
    if not keys:
        raise BadSubscriptions(f"{webhook.secret_file} must hold a secret a line: whsec_ and base64 of 24 to 64 bytes")
    return [Signer(key) for key in keys]


def _key(secret: str) -> bytes:
    """The bytes of a secret as Standard Webhooks writes it. Raises ValueError: a signer takes nearly anything."""
    written = secret.removeprefix("whsec_")
    key = b64decode(written + "=" * (-len(written) % 4), validate=True)
    if len(key) not in KEY_BYTES:
        raise ValueError
    return key


def _session(make_socket: Any) -> aiohttp.ClientSession:
    """Without cookies, without the environment's proxies, and without a memory of names: they are asked each time."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(use_dns_cache=False, socket_factory=make_socket),
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        headers={"user-agent": "afterward"},
    )


AddressInfo = tuple[int, int, int, str, Any]
"""As `socket.getaddrinfo` gives it: family, type, protocol, canonical name, address."""


def _any_socket(info: AddressInfo) -> socket.socket:
    family, kind, protocol, _, _ = info
    return socket.socket(family, kind, protocol)


def _global_socket(info: AddressInfo) -> socket.socket:
    """A socket for an address that anybody on the internet could reach; raises PermissionError for all others."""
    if not is_global(str(info[4][0])):
        raise PermissionError(errno.EACCES, "a private address")
    return _any_socket(info)


def is_global(address: str) -> bool:
    """Whether an address, written as a number, is one of the internet's, also each one that it carries inside."""
    try:
        number = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(number, ipaddress.IPv6Address):
        return _is_global_6(number)
    return number.is_global and not number.is_multicast


def _is_global_6(number: ipaddress.IPv6Address) -> bool:
    if any(number in network for network in _NEVER):
        return False
    inside = tuple(_carried(number))
    if inside:
        return all(is_global(str(each)) for each in inside)
    return number.is_global and not number.is_site_local and not number.is_multicast


_NEVER: Final = tuple(
    map(
        ipaddress.IPv6Network,
        (
            "::/96",  # IPv4-compatible, deprecated: nobody on the internet is reached by it (RFC 4291)
            "64:ff9b:1::/48",  # translators of a network's own (RFC 8215): whatever they reach lies within it
            "fec0::/10",  # site-local, deprecated and still routed (RFC 3879)
            "3fff::/20",  # documentation (RFC 9637)
            "5f00::/16",  # segment routing within a domain (RFC 9602)
        ),
    )
)
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_TRANSLATED: Final = ipaddress.IPv6Network("::ffff:0:0:0/96")
_ISATAP: Final = (0x0000_5EFE, 0x0200_5EFE)


def _carried(number: ipaddress.IPv6Address) -> Iterator[ipaddress.IPv4Address]:
    """The IPv4 addresses that a translator or the far end of a tunnel would reach."""
    last = ipaddress.IPv4Address(int(number) & 0xFFFFFFFF)
    if number in _NAT64 or number in _TRANSLATED:  # RFC 6052, 2765
        yield last
    if (int(number) >> 32) & 0xFFFFFFFF in _ISATAP:  # RFC 5214
        yield last
    if number.ipv4_mapped is not None:
        yield number.ipv4_mapped
    if number.sixtofour is not None:
        yield number.sixtofour
    if number.teredo is not None:
        yield from number.teredo
