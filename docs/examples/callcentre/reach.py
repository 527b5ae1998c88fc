"""How the call centre reaches the bus and followup: the addresses, the secrets' files, and whom it trusts."""

import os
import ssl
from pathlib import Path

import aiohttp

NAME = os.environ["CALLCENTRE_NAME"]  # of the principal callcentre-<name>, whose source is /callcentres/<name>


def content(variable):
    """What is in the file that a variable names; None without the variable."""
    return Path(os.environ[variable]).read_text().strip() if variable in os.environ else None


def kafka():
    """What every Kafka client takes: with a password SCRAM over TLS, without one plain text."""
    options = {"bootstrap_servers": os.environ["KAFKA_BOOTSTRAP_SERVERS"]}
    if password := content("KAFKA_PASSWORD_FILE"):
        options |= {"security_protocol": "SASL_SSL", "sasl_mechanism": "SCRAM-SHA-512"}
        options |= {"sasl_plain_username": f"callcentre-{NAME}", "sasl_plain_password": password}
        options["ssl_context"] = ssl.create_default_context(cafile=os.environ.get("KAFKA_CA_FILE"))
    return options


def followup():
    """A session of HTTP; with a client's certificate, where there is one."""
    context = ssl.create_default_context(cafile=os.environ.get("FOLLOWUP_CA_FILE"))
    if certificate := os.environ.get("FOLLOWUP_CERTIFICATE_FILE"):
        context.load_cert_chain(certificate, os.environ["FOLLOWUP_KEY_FILE"])
    return aiohttp.ClientSession(os.environ["FOLLOWUP_URL"], connector=aiohttp.TCPConnector(ssl=context))


async def ask(http, path, **parameters):
    """What followup answers. Raises RuntimeError with its reason when it refuses."""
    token = content("FOLLOWUP_TOKEN_FILE")  # read anew each time: a token lives for minutes
    headers = {"Purpose-Of-Use": "PUBHLTH"} | ({"Authorization": f"Bearer {token}"} if token else {})
    async with http.get(path, params=parameters, headers=headers) as response:
        answer = await response.json(content_type=None)
        if not response.ok:
            raise RuntimeError(answer["detail"])
        return answer
