"""Why a server cannot be reached, in a sentence for people: which name, which authority, which password. No secret."""

import ssl
from typing import Final

import asyncpg
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    TopicAuthorizationFailedError,
)

EXPIRED, NOT_YET, OTHER_NAME, OTHER_ADDRESS = 10, 9, 62, 64
"""OpenSSL's numbers of what is wrong with a certificate (X509_V_ERR_…)."""
_ALERTS: Final = {
    "CERTIFICATE_REQUIRED": "wants a client's certificate, and this client has none to show",
    "HANDSHAKE_FAILURE": "refuses this client's TLS, or wants a client's certificate",
    "UNKNOWN_CA": "refuses this client's certificate: it does not come from an authority that the server trusts",
    "CERTIFICATE_EXPIRED": "refuses this client's certificate: it has expired",
    "CERTIFICATE_UNKNOWN": "refuses this client's certificate: it has expired, or comes from another authority",
    "BAD_CERTIFICATE": "wants a client's certificate, and this client has none that is good there",
    "PROTOCOL_VERSION": "speaks another version of TLS",
}
PLAIN_REASONS: Final = ("WRONG_VERSION_NUMBER", "UNEXPECTED_EOF_WHILE_READING", "RECORD_LAYER_FAILURE")
"""Where a handshake ends in one of these, the other side may not speak TLS."""


NOT_ALLOWED: Final = (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    TopicAuthorizationFailedError,
)
"""What aiokafka raises where an access list does not let a client do something."""


def of_tls(error: ssl.SSLError, trusted: object) -> str | None:
    """What a failed handshake says of a server; None where it says nothing. `trusted`: the authority's file."""
    if isinstance(error, ssl.SSLCertVerificationError):
        if error.verify_code == EXPIRED:
            return "shows a certificate that has expired"
        if error.verify_code == NOT_YET:
            return "shows a certificate that is not valid yet (compare the clocks)"
        if error.verify_code in (OTHER_NAME, OTHER_ADDRESS):
            return "shows a certificate that is not for this host name"
        by_whom = trusted or "an authority that this machine trusts"
        return f"shows a certificate that does not come from {by_whom} ({error.verify_message})"
    reason = error.reason or ""
    return next((words for alert, words in _ALERTS.items() if reason.endswith(f"ALERT_{alert}")), None)


def of_database(error: Exception, trusted: object = "AFTERWARD_DATABASE_CA_FILE") -> str:
    """Why the database cannot be used; of what is no refusal the kind only. `trusted`: where the authority is from."""
    if isinstance(error, ssl.SSLError):
        return f"it {of_tls(error, trusted) or f'breaks the TLS handshake off: {error.reason}'}"
    if isinstance(error, asyncpg.InvalidPasswordError):
        return "it refuses this user's password, or knows no such user"
    if isinstance(error, asyncpg.InvalidAuthorizationSpecificationError):
        return f"it refuses this client: {error}"
    if isinstance(error, ConnectionError) and "rejected SSL upgrade" in str(error):
        return "it speaks no TLS, and a certificate of it is wanted"
    if isinstance(error, asyncpg.InsufficientPrivilegeError):
        return f"this role may not do that: {error}"
    return type(error).__name__


def of_bus(error: Exception) -> str:
    """What the bus has refused, and of which topic or group; of everything else the kind only."""
    if isinstance(error, TopicAuthorizationFailedError):
        return f"this user may not use topic {_named(error)}"
    if isinstance(error, GroupAuthorizationFailedError):
        return f"this user may not use group {_named(error)}"
    if isinstance(error, ClusterAuthorizationFailedError):
        return "this user may not do that on this cluster"
    return type(error).__name__


def in_full(words: str, error: Exception) -> str:
    """For a log: where the words are the kind of an error only, what it says itself stands beside it."""
    return f"{words}: {error}" if words == type(error).__name__ else words


def _named(error: Exception) -> str:
    return ", ".join(str(name) for given in error.args for name in (given if isinstance(given, set) else [given]))
