"""A whole stack with subscriptions: contact and its delivery worker are started, shown, waited for, and ended with the
rest."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from services.contact import policy
from tests.backends import note_bus
from tests.journeys.patient import SHANGHAI, Patient
from tests.journeys.stack import Stack, afterward, running_stack

pytestmark = [pytest.mark.timeout(600), pytest.mark.wide]

FILE = """
[[subscriptions]]
id = "record"
types = ["CaseImported", "Discharged"]
since = 2020-09-01T00:00:00Z
log = true
"""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("contact")
    file = folder / "subscriptions.toml"
    file.write_text(FILE)
    options = ("--subscriptions", str(file))
    with running_stack(folder / "data", "embedded", "2020-09-26T12:00:00+08:00", *options) as started:
        note_bus(started.running.bus)
        yield started


async def test_a_record_has_what_it_subscribed_to_and_a_bus_that_is_refilled_writes_nothing_again(stack: Stack) -> None:
    child = Patient("contact-child", datetime(2020, 9, 14, tzinfo=SHANGHAI))
    await stack.tell(*child.stay())
    await stack.until(stack.now() + policy.settling(stack.now().date()).after)
    lines = written(stack.data_dir)
    assert {line["type"] for line in lines} == {"afterward.CaseImported.v1", "afterward.Discharged.v1"}
    deliveries = stack.case("contact-child")["contact"]["deliveries"]
    assert {one["state"] for one in deliveries} <= {"delivered", "superseded"}
    delivered = [one["event_id"] for one in deliveries if one["state"] == "delivered"]
    assert sorted(delivered) == sorted(line["id"] for line in lines)
    shown = json.loads(afterward(stack.data_dir, "status", "--json").stdout)["services"]
    assert {"contact", "delivery-worker"} <= shown.keys()
    assert all(one["healthy"] for one in shown.values())

    clock, file = stack.now(), stack.data_dir.parent / "subscriptions.toml"
    stack.down()
    stack.up("--clock", f"{clock.isoformat()}@step", "--subscriptions", str(file))
    await stack.quiet()
    assert written(stack.data_dir) == lines


def written(data_dir: Path) -> list[dict[str, str]]:
    """The lines of the record, among whatever else the delivery worker's log holds."""
    lines = (data_dir / "service-delivery-worker.log").read_text().splitlines()
    return [json.loads(line) for line in lines if line.startswith('{"subscription"')]
