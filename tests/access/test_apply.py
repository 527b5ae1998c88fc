"""`afterward access apply` makes a cluster what the matrix says, however often, and takes away only if asked."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError
from confluent_kafka.admin import AclOperation, ResourcePatternType, ResourceType

from afterward.cluster.acls import Entry, existing
from afterward.cluster.admin import admin_client, until
from chassis.bus_access import BusAccess
from schemas.access import OPERATOR
from tests.access.conftest import ADMIN, Cluster, run

pytestmark = pytest.mark.timeout(600)  # the broker starts within the first of them

_ROGUE = Entry("User:somebody", ResourceType.TOPIC, "intake.events.v1", ResourcePatternType.LITERAL, AclOperation.WRITE)
_OTHERS = Entry("User:somebody", ResourceType.TOPIC, "their.own", ResourcePatternType.LITERAL, AclOperation.WRITE)


def applied(cluster: Cluster, *words: str) -> dict[str, Any]:
    """What `access apply --json` says."""
    found: dict[str, Any] = json.loads(run(cluster.access(ADMIN), "access", "apply", "--json", *words))
    return found


@pytest.mark.needs_kafka
def test_doing_it_again_creates_nothing(ready: Cluster, passwords: Path) -> None:
    again = applied(ready, "--users", str(passwords))
    assert (again["created"], again["extra"], again["extra_users"]) == ([], [], [])
    assert run(ready.access(OPERATOR), "topics", "apply") == "25 topics are there\n"


@pytest.mark.needs_kafka
def test_what_the_matrix_does_not_have_goes_only_if_asked(ready: Cluster, passwords: Path) -> None:
    admin = admin_client(ready.access(ADMIN))
    for created in admin.create_acls([_ROGUE.binding, _OTHERS.binding]).values():
        created.result()
    until(lambda: existing(admin) >= {_ROGUE, _OTHERS})
    named = "allow User:somebody write topic intake.events.v1"
    for _ in range(2):
        assert applied(ready, "--users", str(passwords))["extra"] == [named]
    assert applied(ready, "--users", str(passwords), "--prune")["extra"] == [named]
    assert applied(ready, "--users", str(passwords), "--prune")["extra"] == []


@pytest.mark.needs_kafka
def test_who_has_left_is_let_in_no_more(ready: Cluster, passwords: Path) -> None:
    (passwords / "integrator-leaving").write_text("integrator-leaving's own")
    assert len(applied(ready, "--users", str(passwords))["created"]) == 19
    assert asyncio.run(lets_in(ready, "integrator-leaving"))
    (passwords / "integrator-leaving").unlink()
    assert applied(ready, "--users", str(passwords))["extra_users"] == ["integrator-leaving"]
    assert asyncio.run(lets_in(ready, "integrator-leaving"))
    assert len(applied(ready, "--users", str(passwords), "--prune")["extra"]) == 19
    assert not asyncio.run(lets_in(ready, "integrator-leaving"))


@pytest.mark.needs_kafka
def test_a_file_that_is_named_after_nobody_is_left_alone_and_named(ready: Cluster, passwords: Path) -> None:
    (passwords / "hospial-1").write_text("mistyped")
    try:
        assert applied(ready, "--users", str(passwords))["not_in_matrix"] == ["hospial-1"]
    finally:
        (passwords / "hospial-1").unlink()


@pytest.mark.needs_kafka
def test_nobody_of_the_matrix_may_change_it(ready: Cluster) -> None:
    assert "authorization" in run(ready.access(OPERATOR), "access", "apply", fails=True).lower()


def test_a_principal_of_no_family_is_refused_with_the_families() -> None:
    output = run(BusAccess("127.0.0.1:1"), "access", "apply", "--principal", "hospial-1", fails=True)
    assert "'hospial-1' is no principal" in output
    assert "hospital-<id>" in output


async def lets_in(cluster: Cluster, principal: str) -> bool:
    """Whether a principal with its password gets a connection."""
    client = AIOKafkaClient(**cluster.access(principal).options(), request_timeout_ms=10_000)
    try:
        await client.bootstrap()
    except KafkaError:
        return False
    finally:
        await client.close()
    return True
