"""Apache Kafka with TLS, SASL/SCRAM and access lists: without an entry, everything is refused."""

import asyncio
import subprocess
from pathlib import Path

import trustme
from cryptography.hazmat.primitives import serialization

from afterward.stack.bus import answers
from afterward.stack.kafka import Kafka, node
from afterward.stack.ports import LOOPBACK, free_port
from afterward.stack.process import StartFailed
from chassis.bus_access import BusAccess

ADMIN, ADMIN_PASSWORD = "admin", "the administrator's"
_AUTHORIZER = "org.apache.kafka.metadata.authorizer.StandardAuthorizer"
_LOGIN = "org.apache.kafka.common.security.scram.ScramLoginModule required"


class SecuredKafka(Kafka):
    """One node whose only listener for clients is SASL_SSL. `access` is an administrator's, whom nothing is refused."""

    name = f"{Kafka.name} with TLS, SCRAM and access lists"

    def __init__(self, data_dir: Path) -> None:
        super().__init__(data_dir)
        self.files = data_dir
        self.ca_file = data_dir / "ca.pem"
        data_dir.mkdir(parents=True, exist_ok=True)
        authority = trustme.CA()
        authority.cert_pem.write_to_path(self.ca_file)
        (data_dir / "server.pem").write_bytes(_key_store(authority.issue_cert(LOOPBACK)))
        (data_dir / "passwords").mkdir(exist_ok=True)

    def access_of(self, principal: str, password: str) -> BusAccess:
        """How somebody reaches it, with the password in a file of its own."""
        file = self.files / f"{principal}.password"
        file.write_text(password)
        secured = "SASL_SSL", "SCRAM-SHA-512"
        return BusAccess(self.bootstrap_servers, *secured, username=principal, password_file=file, ca_file=self.ca_file)

    @property
    def access(self) -> BusAccess:
        return self.access_of(ADMIN, ADMIN_PASSWORD)

    async def start(self) -> None:
        """Waits until the administrator is let in."""
        if not self.is_running:
            await asyncio.to_thread(self._spawn)
        await self._daemon.until(lambda: answers(self.access), limit_seconds=120)

    def _write_properties(self, port: int) -> Path:
        client, controller = f"{LOOPBACK}:{port}", f"{LOOPBACK}:{free_port()}"
        changed = {
            "listeners": f"SASL_SSL://{client},CONTROLLER://{controller}",
            "advertised.listeners": f"SASL_SSL://{client}",
            "inter.broker.listener.name": "SASL_SSL",
            "listener.security.protocol.map": "SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT",
            "controller.quorum.voters": f"1@{controller}",
            "log.dirs": str(self._folder / "log"),
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(self.files / "server.pem"),
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": str(self.ca_file),
            "sasl.enabled.mechanisms": "SCRAM-SHA-512",
            "sasl.mechanism.inter.broker.protocol": "SCRAM-SHA-512",
            "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": (
                f'{_LOGIN} username="{ADMIN}" password="{ADMIN_PASSWORD}";'
            ),
            "authorizer.class.name": _AUTHORIZER,
            "allow.everyone.if.no.acl.found": "false",
            "super.users": f"User:{ADMIN};User:ANONYMOUS",  # the controller, which no client reaches by a name
        }
        file = self._folder / "server.properties"
        file.write_text("".join(f"{name}={value}\n" for name, value in (node._SETTINGS | changed).items()))
        return file

    def _format(self, properties: Path) -> None:
        scram = f"SCRAM-SHA-512=[name={ADMIN},password={ADMIN_PASSWORD}]"
        command = node._java(
            ["-Xmx128m"],
            "kafka.tools.StorageTool",
            "format",
            "-t",
            "A234567890123456789012",
            "-c",
            str(properties),
            "-S",
            scram,
        )
        done = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode != 0:
            raise StartFailed(f"{done.stdout}{done.stderr}")


def _key_store(certificate: trustme.LeafCert) -> bytes:
    """Kafka reads keys in PKCS #8 only."""
    key = serialization.load_pem_private_key(certificate.private_key_pem.bytes(), None).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return b"".join([key, *(chain.bytes() for chain in certificate.cert_chain_pems)])
