"""kill -9 of each service in the middle of a story: started again, and the story ends as if nothing had happened."""

import os
import signal
from dataclasses import replace

import pytest

from tests.journeys.patient import HOME_FROM_DAY, Patient
from tests.journeys.stack import A_DAY, Stack
from tests.journeys.standing import standing_of

pytestmark = pytest.mark.timeout(600)


async def test_a_story_in_which_every_service_is_killed_ends_as_one_in_which_none_is(
    stack: Stack, home_today: Patient
) -> None:
    undisturbed = replace(home_today, case_id=f"{home_today.case_id}-undisturbed")
    disturbed = replace(home_today, case_id=f"{home_today.case_id}-disturbed", arrival=home_today.arrival + 3 * A_DAY)
    await stack.tell(*undisturbed.stay())
    await stack.until(undisturbed.at(HOME_FROM_DAY + 2, 9))
    expected = standing_of(undisturbed, await stack.events())

    await stack.until(disturbed.at(HOME_FROM_DAY, 12))
    await tell_while_killing(stack, disturbed)
    kill(stack, "followup")  # which has a day to miss and a call to request on the way
    await stack.until(disturbed.at(HOME_FROM_DAY + 2, 9))

    assert standing_of(disturbed, await stack.events()) == expected


async def tell_while_killing(stack: Stack, patient: Patient) -> None:
    """Every service dies once, each while another part of the stay is on its way."""
    reports, services = list(patient.stay()), list(stack.running.services)
    killed = {}
    for number, service in enumerate(services):
        await stack.publish_reports(*reports[number :: len(services)])
        killed[service] = kill(stack, service)
    await stack.quiet()
    pids = {name: process.pid for name, process in stack.running.services.items()}
    assert not pids.items() & killed.items(), "a killed service has not been started again"


def kill(stack: Stack, service: str) -> int:
    """Ends a service as a crash would; its pid."""
    pid = stack.running.services[service].pid
    os.kill(pid, signal.SIGKILL)
    return pid
