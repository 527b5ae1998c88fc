"""Kafka's administration, which aiokafka has not: access lists and SCRAM users, by librdkafka."""

import time
from collections.abc import Callable
from typing import Any

from confluent_kafka.admin import AdminClient

from chassis.bus_access import BusAccess
from chassis.secret_files import secret

ANSWER_SECONDS = 30
_PAUSE_SECONDS = 0.05


def admin_client(bus: BusAccess) -> AdminClient:
    """A client that is who the access says. Raises OSError when a file cannot be read."""
    return AdminClient(client_options(bus))


def until(holds: Callable[[], bool]) -> None:
    """Returns once a change that the controller has taken is seen by whoever is asked. Raises TimeoutError."""
    deadline = time.monotonic() + ANSWER_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"Kafka took a change, and does not show it after {ANSWER_SECONDS} s: do it again")
        time.sleep(_PAUSE_SECONDS)


def client_options(bus: BusAccess) -> dict[str, Any]:
    """The access in librdkafka's own names. Raises OSError when a file cannot be read."""
    options: dict[str, Any] = {
        "bootstrap.servers": bus.bootstrap_servers,
        "security.protocol": bus.security_protocol,
        "log_level": 2,  # what goes wrong is said by what raises
    }
    if bus.is_encrypted:
        files = {
            "ssl.ca.location": bus.ca_file or "probe",
            "ssl.certificate.location": bus.certificate_file,
            "ssl.key.location": bus.key_file,
        }
        options |= {name: str(file) for name, file in files.items() if file is not None}
    return options | (_credentials(bus) if bus.is_authenticated else {})


def _credentials(bus: BusAccess) -> dict[str, str]:
    """Of the mechanism that was chosen, of which everything is there: `BusAccess.check` has seen to it."""
    given = {
        "sasl.mechanism": bus.sasl_mechanism,
        "sasl.username": bus.username,
        "sasl.password": secret(bus.password_file) if bus.password_file else None,
        "sasl.oauthbearer.method": "oidc" if bus.token_url else None,
        "sasl.oauthbearer.token.endpoint.url": bus.token_url,
        "sasl.oauthbearer.client.id": bus.client_id,
        "sasl.oauthbearer.client.secret": secret(bus.client_secret_file) if bus.client_secret_file else None,
        "sasl.oauthbearer.scope": bus.scope,
    }
    return {name: value for name, value in given.items() if value is not None}
