"""How a service listens: over TLS where it has a certificate, to others only where they say who they are."""

import asyncio
import json
import ssl
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme
import uvicorn

from chassis.process.http import Application, HurriedProtocol, NotForOthers
from chassis.process.server_tls import ServerTls
from chassis.process.service import Service
from chassis.process.settings import Settings
from chassis.questions.authentication import CERTIFICATE
from services.directory.routes import AGGREGATES

LIMIT_SECONDS = 60


class Files:
    """A certificate of a service with its key, and the authority of its readers' certificates."""

    def __init__(self, folder: Path) -> None:
        self.certificate, self.key, self.client_ca = folder / "tls.crt", folder / "tls.key", folder / "ca.crt"
        self.readers = folder / "readers.json"
        self.readers.write_text(json.dumps({"clinic": {"scopes": ["read:worklists"]}}))

    def write(self, of_server: trustme.CA, of_readers: trustme.CA) -> None:
        issued = of_server.issue_cert("localhost")
        issued.cert_chain_pems[0].write_to_path(self.certificate)
        issued.private_key_pem.write_to_path(self.key)
        of_readers.cert_pem.write_to_path(self.client_ca)

    @property
    def settings(self) -> dict[str, Any]:
        return {
            "http_certificate_file": self.certificate,
            "http_key_file": self.key,
            "http_client_ca_file": self.client_ca,
            "http_readers_file": self.readers,
        }


async def whose(scope: Any, receive: Any, send: Any) -> None:
    """Answers with the certificate that was shown."""
    if scope["type"] != "http":
        return
    body = json.dumps(scope.get(CERTIFICATE)).encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def served(tls: ServerTls) -> AsyncIterator[str]:
    """A server in this process; its address."""
    config = uvicorn.Config(
        whose, http=HurriedProtocol, lifespan="off", port=0, log_level="warning", ssl_context_factory=tls.context
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    async with asyncio.timeout(LIMIT_SECONDS):
        while not server.started:
            await asyncio.sleep(0.01)
    yield f"https://localhost:{server.servers[0].sockets[0].getsockname()[1]}/"
    server.should_exit = True
    await serving


def trusting(authority: trustme.CA, shown: trustme.LeafCert | None = None) -> ssl.SSLContext:
    """What a reader connects with."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    if shown is not None:
        shown.configure_cert(context)
    return context


async def asked(address: str, context: ssl.SSLContext) -> Any:
    async with httpx.AsyncClient(verify=context, timeout=LIMIT_SECONDS) as client:
        return (await client.get(address)).json()


async def test_the_certificate_that_a_connection_shows_comes_with_each_request(tmp_path: Path) -> None:
    authority, readers, strangers = trustme.CA(), trustme.CA(), trustme.CA()
    files = Files(tmp_path)
    files.write(authority, readers)
    async with served(ServerTls(files.certificate, files.key, files.client_ca)) as address:
        shown = await asked(address, trusting(authority, readers.issue_cert(common_name="clinic")))
        assert [["commonName", "clinic"]] in shown["subject"]
        assert not await asked(address, trusting(authority))
        with pytest.raises(httpx.TransportError):
            await asked(address, trusting(authority, strangers.issue_cert(common_name="clinic")))
        with pytest.raises(httpx.TransportError):
            await asked(address, trusting(strangers))


async def test_new_files_hold_for_new_connections_without_a_new_start(tmp_path: Path) -> None:
    before, after, readers, later_readers = (trustme.CA() for _ in range(4))
    files = Files(tmp_path)
    files.write(before, readers)
    async with served(ServerTls(files.certificate, files.key, files.client_ca)) as address:
        await asked(address, trusting(before))
        files.write(after, later_readers)
        shown = await asked(address, trusting(after, later_readers.issue_cert(common_name="clinic")))
        assert [["commonName", "clinic"]] in shown["subject"]
        with pytest.raises(httpx.TransportError):
            await asked(address, trusting(after, readers.issue_cert(common_name="clinic")))
        files.key.write_text("half a key")  # wrong files change nothing
        await asked(address, trusting(after))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "service.example"])  # noqa: S104 - what is refused
async def test_without_authentication_a_service_refuses_to_listen_to_others(host: str) -> None:
    with pytest.raises(
        NotForOthers, match=r"AFTERWARD_OIDC_ISSUER.*AFTERWARD_HTTP_CLIENT_CA_FILE.*AFTERWARD_HTTP_READERS"
    ):
        await Service("directory", AGGREGATES, Settings()).app.run(run_extra_options={"host": host})


async def test_with_authentication_it_listens_where_it_is_asked_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, Any] = {}

    async def run(_: Any, level: int, options: dict[str, Any]) -> None:
        given.update(options)

    monkeypatch.setattr("faststream.asgi.AsgiFastStream.run", run)
    files = Files(tmp_path)
    files.write(trustme.CA(), trustme.CA())
    app = Service("directory", AGGREGATES, Settings(**files.settings)).app
    assert isinstance(app, Application)
    await app.run(run_extra_options={"host": "0.0.0.0"})  # noqa: S104 - of a container
    assert given["host"] == "0.0.0.0"  # noqa: S104
    context = given["ssl_context_factory"](None, None)
    assert context.verify_mode is ssl.CERT_OPTIONAL


@pytest.mark.parametrize(
    ("missing", "variable"),
    [
        ("http_certificate_file", "AFTERWARD_HTTP_CERTIFICATE_FILE"),
        ("http_key_file", "AFTERWARD_HTTP_KEY_FILE"),
        ("http_readers_file", "AFTERWARD_HTTP_READERS_FILE"),
        ("http_client_ca_file", "AFTERWARD_HTTP_CLIENT_CA_FILE"),
    ],
)
def test_a_setting_that_lacks_another_names_it(tmp_path: Path, missing: str, variable: str) -> None:
    given = Files(tmp_path).settings
    with pytest.raises(ValueError, match=variable) as raised:
        Settings(**{name: value for name, value in given.items() if name != missing}, database_dsn="secret-word")
    assert "secret-word" not in str(raised.value)


@pytest.mark.parametrize(
    ("file", "content", "variable"),
    [
        ("certificate", "no certificate", "AFTERWARD_HTTP_CERTIFICATE_FILE"),
        ("key", "no key", "AFTERWARD_HTTP_KEY_FILE"),
        ("client_ca", "no authority", "AFTERWARD_HTTP_CLIENT_CA_FILE"),
        ("readers", "no JSON", "AFTERWARD_HTTP_READERS_FILE"),
        ("readers", '{"clinic": {"scopes": "read:cases"}}', "AFTERWARD_HTTP_READERS_FILE.*clinic"),
        ("readers", '{"clinic": {"scopes": [], "districts": ["Pudong"]}}', "districts need jurisdictions"),
    ],
)
def test_a_file_that_is_wrong_stops_the_start_with_its_variable(
    tmp_path: Path, file: str, content: str, variable: str
) -> None:
    files = Files(tmp_path)
    files.write(trustme.CA(), trustme.CA())
    getattr(files, file).write_text(content)
    with pytest.raises(ValueError, match=variable):
        Service("directory", AGGREGATES, Settings(**files.settings))


@pytest.mark.parametrize(
    ("given", "variable"),
    [
        ({"oidc_issuer": "https://issuer.example"}, "AFTERWARD_OIDC_AUDIENCE"),
        ({"oidc_audience": "afterward"}, "AFTERWARD_OIDC_ISSUER"),
        ({"oidc_jwks_url": "https://issuer.example/keys"}, "AFTERWARD_OIDC_ISSUER"),
        ({"oidc_issuer": "http://issuer.example", "oidc_audience": "a"}, "AFTERWARD_OIDC_ISSUER must begin with https"),
        (
            {"oidc_issuer": "https://i.example", "oidc_audience": "a", "oidc_jwks_url": "http://i.example/keys"},
            "AFTERWARD_OIDC_JWKS_URL must begin with https",
        ),
    ],
)
def test_an_issuer_is_configured_whole_and_out_of_reach_of_others(given: dict[str, Any], variable: str) -> None:
    with pytest.raises(ValueError, match=variable):
        Settings(**given)


@asynccontextmanager
async def directory() -> AsyncIterator[httpx.AsyncClient]:
    """The process of a service that has no bus and no database."""
    app = Service("directory", AGGREGATES, Settings(database_dsn="postgresql://127.0.0.1:1/nowhere")).app
    transport = httpx.ASGITransport(app, client=("127.0.0.1", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as asking:
        yield asking


async def test_a_process_lives_without_database_and_bus_but_is_not_ready() -> None:
    async with directory() as asking:
        assert (await asking.get("/livez")).status_code == 200
        assert (await asking.get("/readyz")).status_code == 503
        assert (await asking.get("/health")).status_code == 503


async def test_a_process_that_has_ended_itself_does_not_live(monkeypatch: pytest.MonkeyPatch) -> None:
    ending = threading.Event()
    ending.set()
    monkeypatch.setattr("chassis.process.shutdown._ending", ending)
    async with directory() as asking:
        assert (await asking.get("/livez")).status_code == 503


async def test_a_process_says_in_the_same_form_that_there_is_no_such_path() -> None:
    async with directory() as asking:
        for path in ("/laundry", "/v1/laundry"):
            response = await asking.get(path)
            assert (response.status_code, response.headers["content-type"]) == (404, "application/problem+json")
