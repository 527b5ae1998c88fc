"""The effects themselves: each request carried to its receiver, with limits that keep receivers apart.

A receiver that hangs must not hold up the others. So each has a few places and a deadline; what finds no place in time
has failed as `busy`, and after a deadline the receiver is left alone for a while (`resting`). The service asks again.
"""

import asyncio
import logging
from collections import defaultdict

from chassis.clock import monotonic
from schemas.events.contact import ContactRequested
from services.contact.adapters.log import Log
from services.contact.adapters.mail import Mail
from services.contact.adapters.port import Letter, Port, Result, failed
from services.contact.adapters.webhook import Webhooks
from services.contact.subscriptions import Subscription, SubscriptionFile

log = logging.getLogger("afterward.contact")

AT_ONCE = 8
"""Attempts under way to one receiver."""
PLACE_SECONDS = 5.0
"""How long an attempt waits for a place."""
EFFECT_SECONDS = 15.0
"""How long a receiver has to answer."""
REST_SECONDS = 60.0
"""How long a receiver that did not is left alone."""


class Delivery:
    """Every receiver of the operator's file."""

    def __init__(self, ports: dict[str, Port], effect_seconds: float = EFFECT_SECONDS) -> None:
        self._ports = ports
        self._effect_seconds = effect_seconds
        self._places: dict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(AT_ONCE))
        self._rests_until: dict[str, float] = {}

    async def carry(self, request: ContactRequested) -> Result:
        """Begins one attempt, and says what became of it. Raises nothing, whatever an adapter does."""
        name = request.subscription_id
        port = self._ports.get(name)
        if port is None:
            return failed("unsubscribed")
        place = self._places[name]
        if self._rests(name):
            return failed("resting")
        try:
            async with asyncio.timeout(PLACE_SECONDS):
                await place.acquire()
        except TimeoutError:
            return failed("busy")
        try:
            return failed("resting") if self._rests(name) else await self._attempt(name, port, Letter.of(request))
        finally:
            place.release()

    async def _attempt(self, name: str, port: Port, letter: Letter) -> Result:
        try:
            async with asyncio.timeout(self._effect_seconds):
                return await port.deliver(letter)
        except TimeoutError:
            self._rests_until[name] = monotonic() + REST_SECONDS
            return failed("timed_out")
        except Exception as error:  # a defect in one adapter must not hold up the others
            log.error("an adapter raised %s; subscription %s", type(error).__name__, name)  # noqa: TRY400 - no data in logs
            return failed("courier_error")

    def _rests(self, name: str) -> bool:
        return monotonic() < self._rests_until.get(name, 0.0)


def ports_of(file: SubscriptionFile, webhooks: Webhooks) -> dict[str, Port]:
    """Subscription → how it is told. Raises BadSubscriptions when a secret cannot be read."""
    return {one.id: _port(one, file, webhooks) for one in file.subscriptions}


def _port(one: Subscription, file: SubscriptionFile, webhooks: Webhooks) -> Port:
    if one.webhook is not None:
        return webhooks.to(one.webhook)
    if one.email is not None and file.mail is not None:
        return Mail(file.mail, one.email.to)
    return Log(one.id)
