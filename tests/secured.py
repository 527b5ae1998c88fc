"""Apache Kafka and PostgreSQL behind TLS, with users: what tests of access stand on.

`kafka_options` makes a node with a listener SASL_SSL (SCRAM-SHA-512, OAUTHBEARER) and a listener SSL that wants a
client's certificate, beside the plain one on loopback, which is ANONYMOUS and an administrator. The embedded
PostgreSQL was built without TLS: `TlsFront` speaks it in front of that.
"""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from afterward.stack.kafka import Kafka, NodeOptions
from afterward.stack.kafka.jars import class_path, find_java
from chassis.bus_access import BusAccess
from chassis.database_access import DatabaseAccess
from tests.certificates import Authority
from tests.tls_front import TlsFront

ADMINISTRATORS = "User:ANONYMOUS"
_LOGIN = "org.apache.kafka.common.security"
_MODULES = {
    "scram-sha-512": f"{_LOGIN}.scram.ScramLoginModule required;",
    "oauthbearer": f"{_LOGIN}.oauthbearer.OAuthBearerLoginModule required;",
}


def kafka_options(
    authority: Authority,
    scram: Mapping[str, str],
    *,
    superusers: str = ADMINISTRATORS,
    jwks: Path | None = None,
    hosts: tuple[str, ...] = ("127.0.0.1",),
    properties: Mapping[str, str] | None = None,
) -> NodeOptions:
    """A node with its certificate from `authority`, that trusts clients of it. `scram`: user → password.

    Denied by default: who is none of `superusers` needs access lists. `jwks`: the keys of whoever signs tokens; their
    subject is the principal, their audience `kafka`.
    """
    server = authority.issue("kafka", *hosts)
    settings = {
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(server.together),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(authority.file),
        "listener.name.ssl.ssl.client.auth": "required",
        "ssl.principal.mapping.rules": "RULE:^CN=([^,]+).*$/$1/,DEFAULT",
        "sasl.enabled.mechanisms": "SCRAM-SHA-512" + (",OAUTHBEARER" if jwks else ""),
        "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": _MODULES["scram-sha-512"],
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": superusers,
    }
    if jwks is not None:
        settings |= {
            "listener.name.sasl_ssl.oauthbearer.sasl.jaas.config": _MODULES["oauthbearer"],
            "listener.name.sasl_ssl.oauthbearer.sasl.server.callback.handler.class": (
                f"{_LOGIN}.oauthbearer.OAuthBearerValidatorCallbackHandler"
            ),
            "sasl.oauthbearer.jwks.endpoint.url": jwks.as_uri(),
            "sasl.oauthbearer.expected.audience": "kafka",
        }
    jvm = (f"-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls={jwks.as_uri()}",) if jwks else ()
    return NodeOptions(("SASL_SSL", "SSL"), settings | dict(properties or {}), scram, jvm)


def scram_access(kafka: Kafka, authority: Authority, user: str, password: str) -> BusAccess:
    """How a user reaches a node with a password, which lies in a file of its own."""
    file = secret_file(authority.folder / f"{user}.password", password)
    return BusAccess(
        kafka.address("SASL_SSL"),
        "SASL_SSL",
        "SCRAM-SHA-512",
        user,
        file,
        ca_file=authority.file,
    )


def certificate_access(kafka: Kafka, authority: Authority, name: str) -> BusAccess:
    """How a client reaches a node with a certificate; its common name is the principal."""
    issued = authority.issue(name)
    return BusAccess(
        kafka.address("SSL"),
        "SSL",
        ca_file=authority.file,
        certificate_file=issued.certificate,
        key_file=issued.key,
    )


def secret_file(file: Path, secret: str) -> Path:
    """A file with a secret in it, put in its place as a whole."""
    draft = file.with_name(f"{file.name}.new")
    draft.touch(mode=0o600)
    draft.write_text(f"{secret}\n")
    return draft.replace(file)


def change_password(kafka: Kafka, user: str, password: str) -> None:
    """Gives a SCRAM user another password, with Kafka's own tool."""
    new = f"SCRAM-SHA-512=[password={password}]"
    given = ["--alter", "--add-config", new, "--entity-type", "users", "--entity-name", user]
    command = [str(find_java()), "-XX:TieredStopAtLevel=1", "-cp", class_path(), "kafka.admin.ConfigCommand"]
    subprocess.run(
        [*command, "--bootstrap-server", kafka.bootstrap_servers, *given], check=True, capture_output=True, timeout=120
    )


def database_access(front: TlsFront, authority: Authority, dsn: str, password: str) -> DatabaseAccess:
    """How a role reaches its database behind a front: with a password from a file, and verify-full.

    `dsn`: of the server itself, with user and database.
    """
    address = urlsplit(front.in_front_of(dsn))
    account = f"{address.username}@127.0.0.1:{front.port}"
    file = secret_file(authority.folder / f"{address.username}.database.password", password)
    return DatabaseAccess(urlunsplit(address._replace(netloc=account)), file, authority.file)


def write_jwks(file: Path, keys: list[dict[str, str]]) -> Path:
    """Keys as a JWKS document."""
    file.write_text(json.dumps({"keys": keys}))
    return file
