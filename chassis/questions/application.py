"""The ASGI application of a service's questions. It is built when the first question comes: most processes of a
service are never asked, and those that are must not hold up events while it is."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from chassis.clock import Timeline
from chassis.decide.aggregate import AnyAggregate
from chassis.questions.answering import Answering
from chassis.questions.authentication import Authentication
from chassis.questions.pool import Pool
from chassis.questions.problem import Problem, send_problem
from chassis.questions.question import Questions

PREFIX: Final = "/v1"
OPENAPI: Final = f"{PREFIX}/openapi.json"
LARGEST_BODY_BYTES: Final = 64 * 1024
Asgi = Callable[[Any, Any, Any], Awaitable[None]]


class QuestionsApplication:
    """Answers `/v1/…`: who asks is found out first, and no more is read of a request than a question needs."""

    def __init__(
        self,
        service: str,
        kinds: Sequence[AnyAggregate],
        table: Questions,
        pool: Pool,
        timeline: Timeline,
        authentication: Authentication,
    ) -> None:
        self.pool, self.authentication, self._table = pool, authentication, table
        self._answering = Answering(service, kinds, pool, timeline, wants_purpose=authentication.is_on)
        self._app: Asgi | None = None
        self._building = asyncio.Lock()

    def build(self) -> Any:
        """The FastAPI application behind it."""
        from chassis.questions.described import described  # noqa: PLC0415 - FastAPI is loaded by those who are asked

        return described(self._answering, self._table)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answers one request."""
        try:
            if scope["path"] != OPENAPI:
                scope = {**scope, "reader": await self.authentication.reader(scope)}
            _ensure_small(scope)
            app = await self._built()
            await app(scope, _Bounded(receive), send)
        except Problem as problem:
            await send_problem(problem, send)

    async def _built(self) -> Asgi:
        async with self._building:
            if self._app is not None:
                return self._app
            built: Asgi = await asyncio.to_thread(self.build)
            self._app = built
            return built

    def close(self) -> None:
        """Lets its connections go."""
        self.pool.close()


class _Bounded:
    """Receives no more of a body than a question takes."""

    def __init__(self, receive: Any) -> None:
        self._receive, self._left = receive, LARGEST_BODY_BYTES

    async def __call__(self) -> Any:
        """The next part of the request. Raises HTTPException, which FastAPI lets through."""
        from starlette.exceptions import HTTPException  # noqa: PLC0415 - loaded by then

        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise HTTPException(413)
        return message


def _ensure_small(scope: Any) -> None:
    """Raises Problem where the request says that it brings more than a question takes."""
    declared = dict(scope["headers"]).get(b"content-length", b"0")
    if not declared.isdigit() or int(declared) > LARGEST_BODY_BYTES:
        raise Problem("too_large", f"no question takes more than {LARGEST_BODY_BYTES} bytes")
