"""Services are asked as a context says: who asks, why, whichever replica answers; a refusal says what to do."""

import json
import socket
import ssl
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from afterward.cli.app import app
from chassis.clock import VirtualTime
from tests.cli.stand_in import StandIn, serving

CASE = "GET /v1/cases/case-17"
NOW = "2020-10-22T17:00:00+00:00"
HEALTHY = {"healthy": True, "partitions": [0], "records_behind": 0, "outbox": 0, "parked": 1}


def problem(status: int, detail: str) -> tuple[int, Any]:
    return status, {"type": "about:blank", "title": "no", "status": status, "detail": detail}


def known(service: str, what: Mapping[str, Any] | None, *, blocked: bool = False) -> tuple[int, Any]:
    return 200, {"case_id": "case-17", "service": service, "blocked": blocked, "known": what}


@pytest.fixture(autouse=True)
def _contexts_of_nobody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "configuration"))
    monkeypatch.delenv("AFTERWARD_CONTEXT", raising=False)


@pytest.fixture
def intake() -> Iterator[StandIn]:
    with serving({CASE: known("intake", {"status": "confirmed"})}) as service:
        yield service


@pytest.fixture
def nowhere() -> str:
    """An address at which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{one.getsockname()[1]}"


def command(*arguments: str) -> Result:
    return CliRunner(env={"COLUMNS": "300"}).invoke(app, [*arguments, "--context", "prod"])


def use(tmp_path: Path, services: Mapping[str, list[str]], *, more: str = "", **http: str) -> None:
    """Keeps a cluster of these services under the name of `prod`."""
    lines = ["[services]", *(f"{name} = {json.dumps(urls)}" for name, urls in services.items())]
    lines += ["[http]", *(f"{name} = {json.dumps(value)}" for name, value in http.items())]
    (tmp_path / "cluster.toml").write_text("\n".join([more, *lines]))
    done = CliRunner().invoke(app, ["context", "add", "prod", "--file", str(tmp_path / "cluster.toml")])
    assert done.exit_code == 0, done.stderr


def test_a_case_is_asked_for_with_token_and_purpose_and_the_token_is_read_anew(tmp_path: Path, intake: StandIn) -> None:
    use(tmp_path, {"intake": [intake.url]}, token_file="token", purpose="TREAT")
    for token in ("first", "second"):
        (tmp_path / "token").write_text(f"{token}\n")
        done = command("case", "case-17", "--json", *(("--purpose", "PUBHLTH") if token == "second" else ()))
        assert done.exit_code == 0, done.stderr
        assert json.loads(done.stdout)["intake"] == {"status": "confirmed"}
    assert intake.headers("Authorization") == ["Bearer first", "Bearer second"]
    assert intake.headers("Purpose-Of-Use") == ["TREAT", "PUBHLTH"]


def test_a_case_is_what_the_services_know_that_have_heard_of_it(tmp_path: Path, intake: StandIn) -> None:
    with serving({}) as deaf, serving({CASE: known("discharge", None, blocked=True)}) as blocked:
        use(tmp_path, {"intake": [intake.url], "treatment": [deaf.url], "discharge": [blocked.url]})
        found = json.loads(command("case", "case-17", "--json").stdout)
        shown = command("case", "case-17").stdout
        unheard = command("case", "case-18")
    assert found.keys() == {"case_id", "as_of", "refused", "intake", "discharge"}
    assert (found["discharge"], found["refused"]) == ({"blocked": True}, None)
    assert "blocked at discharge" in shown
    assert (unheard.exit_code, unheard.stderr) == (1, "afterward: no service has heard of this case\n")


def test_who_may_see_a_case_in_some_services_sees_it_there(tmp_path: Path, intake: StandIn) -> None:
    with serving({CASE: problem(403, "this service does not know the place")}) as closed:
        use(tmp_path, {"intake": [intake.url], "treatment": [closed.url]})
        found = json.loads(command("case", "case-17", "--json").stdout)
        shown = command("case", "case-17").stdout
        use(tmp_path, {"treatment": [closed.url]})
        refused = command("case", "case-17")
    assert found["intake"] == {"status": "confirmed"}
    assert "does not know the place" in found["withheld"]["treatment"]
    assert "not shown by treatment: you may not read it there" in shown
    assert refused.exit_code == 1
    assert "does not allow it: this service does not know the place; another token or certificate may" in refused.stderr


@pytest.mark.parametrize("bad", [503, None], ids=["a replica without its database", "a replica that is gone"])
def test_another_replica_is_asked_where_one_cannot_answer(
    tmp_path: Path, intake: StandIn, nowhere: str, bad: int | None
) -> None:
    with serving({CASE: problem(503, "its database does not answer")}) as ill:
        use(tmp_path, {"intake": [ill.url if bad else nowhere, intake.url]})
        done = command("case", "case-17", "--json")
    assert done.exit_code == 0, done.stderr
    assert len(intake.asked) == 1


def test_of_a_service_that_nobody_answers_for_every_address_is_named(tmp_path: Path, nowhere: str) -> None:
    with serving({CASE: problem(503, "its database does not answer")}) as ill:
        use(tmp_path, {"intake": [nowhere, ill.url]})
        done = command("case", "case-17")
    assert done.exit_code == 1
    assert done.stderr.startswith(f"afterward: intake does not answer ({nowhere}: ")
    assert f"{ill.url}: its database does not answer" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("http", "todo"),
    [
        ({}, "context prod has neither token_file nor certificate_file in [http]"),
        ({"token_file": "token"}, "put a token that holds into "),
    ],
)
def test_whom_a_service_does_not_know_is_told_what_to_do(tmp_path: Path, http: dict[str, str], todo: str) -> None:
    (tmp_path / "token").write_text("ey-old")
    with serving({CASE: problem(401, "the token has expired")}) as strict:
        use(tmp_path, {"intake": [strict.url]}, **http)
        done = command("case", "case-17")
    assert done.exit_code == 1
    assert f"intake at {strict.url} does not know who asks: the token has expired; {todo}" in done.stderr
    assert "ey-old" not in done.stderr


def test_a_token_that_is_not_there_is_named_before_anything_is_asked(tmp_path: Path, intake: StandIn) -> None:
    use(tmp_path, {"intake": [intake.url]}, token_file="token")
    done = command("case", "case-17")
    assert done.exit_code == 1
    assert f"context prod, [http] token_file: there is no file {tmp_path / 'token'}" in done.stderr
    assert intake.asked == []


def test_what_a_service_says_is_wrong_is_shown_with_the_parameter(tmp_path: Path) -> None:
    wrong = {"detail": "the question is not well formed", "errors": [{"at": "query.limit", "reason": "too_large"}]}
    with serving({"GET /v1/worklists/calls": (422, wrong)}) as service:
        use(tmp_path, {"followup": [service.url]})
        done = command("worklist", "calls", "--jurisdiction", "CN-SH")
    assert done.exit_code == 1
    assert done.stderr == "afterward: followup: the question is not well formed (query.limit: too_large)\n"


def test_a_service_that_the_context_has_not_is_answered_with_those_it_has(tmp_path: Path, nowhere: str) -> None:
    use(tmp_path, {"intake": [nowhere]})
    done = command("worklist", "calls", "--jurisdiction", "CN-SH")
    assert (done.exit_code, done.stderr) == (1, "afterward: no service followup; there are intake\n")


def test_status_has_a_row_for_every_replica_and_no_process_ids(tmp_path: Path, nowhere: str) -> None:
    with serving({"GET /health": (200, HEALTHY | {"at_unknown_places": 3})}) as one:
        use(tmp_path, {"intake": [one.url, nowhere], "treatment": [one.url]})
        shown, for_programs = command("status"), command("status", "--json")
    found = json.loads(for_programs.stdout)
    assert found["services"].keys() == {"intake 1", "intake 2", "treatment"}
    assert found["services"]["intake 1"] == {"address": one.url, **HEALTHY, "at_unknown_places": 3}
    assert found["cases_at_unknown_places"] == 3
    assert (shown.exit_code, for_programs.exit_code) == (1, 1)
    heads = next(line for line in shown.stdout.splitlines() if line.startswith("service")).split()
    assert heads == ["service", "health", "parts", "behind", "outbox", "overdue", "parked", "blocked"]
    assert "intake 2: does not answer (ClientConnectorError)" in shown.stdout
    assert "nobody watches" not in shown.stdout


def test_wait_asks_every_replica_of_every_service(tmp_path: Path) -> None:
    idle = {"GET /idle": (200, {"idle": True, "work": 7, "busy": ""})}
    busy = {"GET /idle": (200, {"idle": False, "work": 7, "busy": "12 rows overdue"})}
    with serving(idle) as one, serving(busy) as other:
        use(tmp_path, {"intake": [one.url], "contact": [one.url], "delivery-worker": [one.url]})
        quiet = command("wait")
        use(tmp_path, {"intake": [one.url, other.url]})
        done = command("wait", "--limit-seconds", "0")
    assert quiet.exit_code == 0, quiet.stderr
    assert (done.exit_code, done.stderr) == (1, "afterward: not idle after 0 s: intake (12 rows overdue)\n")


def test_parked_records_are_read_page_by_page_and_put_back(tmp_path: Path) -> None:
    page: dict[str, Any] = {"service": "intake", "entries": [], "next": None}
    answers = {
        "GET /v1/parked": (200, page),
        "POST /v1/parked/replay": (200, {"replayed": 2}),
        "POST /v1/parked/7/discard": (200, {"id": 7, "key": "case-17", "replayed": 1, "still_parked": 0}),
        "POST /v1/republish": (200, {"republished": 12}),
    }
    with serving(answers) as service:
        use(tmp_path, {"intake": [service.url]})
        assert command("parked", "list").stdout == "nothing is parked\n"
        assert command("parked", "list", "--discarded").stdout == "nothing was discarded\n"
        assert command("parked", "replay", "intake", "7", "8", "--json").stdout == '{"replayed": 2}\n'
        assert command("parked", "replay", "intake", "--all").stdout == "2 go back in; `afterward wait`\n"
        gone = command("parked", "discard", "intake", "7", "--why", "a test record")
        assert command("republish", "intake", "--since", NOW, "--json").stdout == '{"republished": 12}\n'
    assert gone.stdout == "7 is discarded by intake; 1 that waited behind it go back in; `afterward wait`\n"
    assert service.bodies[2:] == [{"ids": [7, 8]}, {"all": True}, {"why": "a test record"}, {"since": NOW}]
    assert [request.query.get("discarded") for request in service.asked[:2]] == [None, "true"]


def test_what_was_asked_to_be_done_is_not_asked_of_another_replica(tmp_path: Path, intake: StandIn) -> None:
    """It may have been done by the one that did not say so."""
    with serving({"POST /v1/republish": problem(500, "defect")}) as failing:
        use(tmp_path, {"intake": [failing.url, intake.url]})
        done = command("republish", "intake")
    assert (done.exit_code, intake.asked) == (1, [])
    assert done.stderr == f"afterward: intake at {failing.url} has failed (500): defect\n"


def test_who_has_read_what_is_merged_from_all_services_in_time(tmp_path: Path) -> None:
    def read(service: str, id_: int, at: str, purpose: str | None) -> dict[str, Any]:
        what = {"what": "GET /v1/cases/case-17", "purpose": purpose, "outcome": "answered", "cases": ["case-17"]}
        return {"id": id_, "at": at, "who": f"dr-{service}", "means": "token", **what}

    def kept(service: str, *entries: dict[str, Any]) -> dict[str, tuple[int, Any]]:
        return {"GET /v1/audit": (200, {"service": service, "entries": list(entries), "next": None})}

    late, early = read("intake", 1, "2020-10-22T09:00:00Z", "TREAT"), read("treatment", 4, "2020-10-22T08:00:00Z", None)
    with serving(kept("intake", late)) as one, serving(kept("treatment", early)) as other:
        use(tmp_path, {"intake": [one.url], "treatment": [other.url]})
        rows = [json.loads(line) for line in command("audit", "--case", "case-17", "--json").stdout.splitlines()]
        shown = command("audit", "--who", "dr-intake").stdout
        first = command("audit", "--case", "case-17", "--limit", "1").stdout
    assert rows == [{"service": "treatment", **early}, {"service": "intake", **late}]
    assert "dr-intake" in shown
    assert "intake: GET /v1/cases/case-17" in shown
    assert first.endswith("more: --since 2020-10-22T08:00:00Z\n")
    asked = [dict(request.query) for request in one.asked]
    assert [query.get("case_id") for query in asked] == ["case-17", None, "case-17"]
    assert ["since" in query for query in asked] == [False, True, False]


@pytest.mark.parametrize(
    ("options", "emitted"),
    [
        ((), "run one --story at a time"),
        (("--story", "ward"), "context prod lives by the real clock: a story needs a clock_file"),
    ],
)
def test_a_story_is_told_to_a_cluster_alone_and_by_a_clock_that_it_shares(
    tmp_path: Path, nowhere: str, options: tuple[str, ...], emitted: str
) -> None:
    use(tmp_path, {"intake": [nowhere]})
    done = command("demo", *options)
    assert (done.exit_code, emitted in done.stderr) == (1, True), done.stderr


def test_a_clock_that_a_cluster_shares_is_shown_and_moved_on(tmp_path: Path) -> None:
    clock = VirtualTime(tmp_path / "clock.json")
    clock.step_to(datetime.fromisoformat(NOW), 0)
    idle = {"idle": True, "work": 1, "busy": ""}
    health = HEALTHY | {"next_due": None}
    with serving({"GET /idle": (200, idle), "GET /health": (200, health)}) as service:
        use(tmp_path, {"intake": [service.url]}, more='clock_file = "clock.json"')
        assert command("clock", "show").stdout == "it is 2020-10-22 17:00:00 UTC\n"
        moved = command("clock", "advance", "90m")
    assert moved.stdout == "it is 2020-10-22 18:30:00 UTC\n", moved.stderr
    assert clock.now() == datetime.fromisoformat("2020-10-22T18:30:00+00:00")


def test_a_certificate_of_an_unknown_authority_is_refused_and_one_that_is_known_is_not(tmp_path: Path) -> None:
    context, authority = _certificate(tmp_path)
    with serving({"GET /health": (200, HEALTHY), CASE: known("intake", {})}, context) as service:
        use(tmp_path, {"intake": [service.url]}, ca_file=str(authority))
        trusted = command("case", "case-17", "--json")
        use(tmp_path, {"intake": [service.url]})
        strange = command("case", "case-17", "--json")
    assert trusted.exit_code == 0, trusted.stderr
    assert strange.exit_code == 1
    assert "its certificate is not accepted, see ca_file: " in strange.stderr


def _certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's context, and whom to trust for it."""
    trustme = pytest.importorskip("trustme")
    authority, file = trustme.CA(), folder / "ca.pem"
    authority.cert_pem.write_to_path(file)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context, file
