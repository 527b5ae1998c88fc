"""Apache Kafka with a second door: who comes in there is sent on to another address, that of a proxy."""

from pathlib import Path

from afterward.stack.kafka import Kafka
from afterward.stack.ports import LOOPBACK

_LISTENER = "PROXIED"


class ProxiedKafka(Kafka):
    """The broker of a data directory, with a listener on `port` that says of itself that it is on `advertised`."""

    def __init__(self, data_dir: Path, port: int, advertised: int) -> None:
        super().__init__(data_dir)
        self.port, self.advertised = port, advertised

    def _write_properties(self, port: int) -> Path:
        file = super()._write_properties(port)
        lines = dict(line.split("=", 1) for line in file.read_text().splitlines())
        lines["listeners"] += f",{_LISTENER}://{LOOPBACK}:{self.port}"
        lines["advertised.listeners"] += f",{_LISTENER}://{LOOPBACK}:{self.advertised}"
        lines["listener.security.protocol.map"] += f",{_LISTENER}:PLAINTEXT"
        file.write_text("".join(f"{name}={value}\n" for name, value in lines.items()))
        return file
