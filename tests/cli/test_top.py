"""top: rates between two looks, what is left, who waits; each figure of a database once, however many processes."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count

import pytest
from aiohttp import web
from prometheus_client import generate_latest
from typer.testing import CliRunner

from afterward.cli import top
from afterward.cli.app import app
from afterward.context.figures import Look, series_of
from afterward.context.target import HttpAccess, Target
from chassis.process.metrics import Metrics
from schemas.services import SERVICES
from tests.cli.conftest import Command
from tests.cli.stand_in import StandIn, serving
from tests.journeys.patient import Patient

pytestmark = pytest.mark.timeout(600)

SHANGHAI = "CN-SH"


def page(judged: int, silent: int = 3) -> str:
    """What a process of followup counts."""
    metrics = Metrics("followup")
    metrics.records.inc(judged)
    metrics.show_all("records_behind", {("followup.reports.v1", "0"): 4, ("followup.reports.v1", "1"): 5})
    metrics.show_all("outbox_rows", {(): 7})
    metrics.show_all("blocked_cases", {(): 1})
    metrics.show_all("patients_silent", {(SHANGHAI,): silent})
    metrics.show_all("alerts_unacknowledged", {(SHANGHAI, "urgent", "older"): 2, (SHANGHAI, "high", "up_to_1_h"): 5})
    metrics.show_all("transfers_awaited", {("CN-BJ", "yes"): 1, ("CN-BJ", "no"): 6})
    return generate_latest(metrics.registry).decode()


def look(at: float, **pages: str) -> Look:
    return Look({name: series_of(text) for name, text in pages.items()}, at)


def test_a_rate_is_what_was_done_between_two_looks() -> None:
    figures = top.processes_of(look(10, followup=page(100)), look(12, followup=page(150)))
    assert figures["followup"]["judged"] == 25
    assert (figures["followup"]["behind"], figures["followup"]["outbox"], figures["followup"]["blocked"]) == (9, 7, 1)


def test_of_a_process_that_was_started_anew_or_does_not_answer_no_rate_is_made_up() -> None:
    before, now = look(10, a=page(100), b=page(100)), look(12, a=page(3), b="", c=page(9))
    figures = top.processes_of(before, now)
    assert [figures[name]["judged"] for name in "abc"] == [None, None, None]
    assert set(figures["b"].values()) == {None}
    assert figures["c"]["outbox"] == 7


def test_what_two_processes_say_of_one_database_counts_once() -> None:
    places = top.jurisdictions_of(look(10, a=page(1), b=page(1, silent=4)))
    assert places[SHANGHAI] | {"silent": 4, "urgent": 2, "alerts": 7} == places[SHANGHAI]
    assert places["CN-BJ"] == dict.fromkeys(top.WAITING, 0) | {"transfers": 7, "late": 1}


@pytest.fixture
def three(monkeypatch: pytest.MonkeyPatch) -> Iterator[Target]:
    """Two processes of followup, and one of intake that nobody answers for."""
    judged = count(100, 10)

    async def answer(self: StandIn, request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(text=page(next(judged)))

    monkeypatch.setattr(StandIn, "answer", answer)
    with ExitStack() as services:
        urls = tuple(services.enter_context(serving({})).url for _ in range(2))
        addresses = {"followup": urls, "intake": ("http://127.0.0.1:1",)}
        target = Target("a test", addresses, HttpAccess(), None, "a bus")
        monkeypatch.setattr(top, "chosen", lambda context, data_dir: target)
        yield target


def test_once_prints_one_table_for_scripts(three: Target) -> None:
    done = CliRunner().invoke(app, ["top", "--once", "--every", "0.2"])
    assert done.exit_code == 0, done.output
    lines = {line.split()[0]: line.split() for line in done.output.splitlines() if line.strip()}
    assert "followup 1" in done.output
    assert "followup 2" in done.output
    assert lines["intake"][1:] == ["away"]
    assert lines[SHANGHAI][1:] == ["3", "0", "2", "7", "0", "0", "0", "0"]
    assert "\x1b" not in done.output


def test_programs_get_one_object(three: Target) -> None:
    done = CliRunner().invoke(app, ["top", "--json", "--every", "0.2"])
    shown = json.loads(done.output)
    assert shown["jurisdictions"][SHANGHAI]["silent"] == 3
    assert shown["processes"]["followup 1"]["judged"] > 0
    assert shown["processes"]["intake"]["behind"] is None


def test_every_process_of_a_running_stack_is_shown_within_80_columns(command: Command, child: Patient) -> None:
    done = command("top", "--once", "--every", "0.5")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    shown = {line.split()[0]: line.split()[1:] for line in lines if line.strip()}
    services = [name for name in SERVICES if name in shown]
    assert len(services) == len(SERVICES)
    assert all(shown[name][-1] == "0" for name in services), "nobody is blocked"
    assert max(map(len, lines)) <= 80
    shown_in_json = json.loads(command("top", "--json", "--every", "0.5").stdout)
    assert set(shown_in_json["processes"]) == set(services)
    assert all(figures["outbox"] is not None for figures in shown_in_json["processes"].values())
