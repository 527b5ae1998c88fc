"""A store in memory that does what PostgreSQL does for the chassis: transactions at READ COMMITTED, row locks, advisory
locks, connections that break. What a statement means is in `statements`; here is what holds for all of them."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import asyncpg

from tests.simulation.answers import Row
from tests.simulation.backups import Backup
from tests.simulation.shards import new_shards
from tests.simulation.statements import statement_of

if TYPE_CHECKING:
    from tests.simulation.process import Process
    from tests.simulation.world import World

Lock = tuple[Any, ...]
STATEMENT_SECONDS = 0.002


class Store:
    """The database of one service."""

    def __init__(self, world: "World", service: str) -> None:
        self.world, self.service = world, service
        self.tables: dict[str, dict[Any, Row]] = defaultdict(dict)
        self.tables["shard_stated"], self.tables["shard_sent"] = new_shards()
        self.tables["store_identity"][0] = {"id": f"the store of {service}", "epoch": 0}
        self.holders: dict[Lock, Connection] = {}
        self.waiting: dict[Lock, list[asyncio.Future[None]]] = defaultdict(list)
        self.connections: dict[Connection, None] = {}
        self._numbers: dict[str, int] = defaultdict(int)
        self.incarnation = 1
        """Another after the store was put back to what it was before."""
        self._backup: Backup | None = None

    def next_number(self, sequence: str, by: int = 1) -> int:
        """As a PostgreSQL sequence: it never goes back, not even with a transaction."""
        self._numbers[sequence] += by
        return self._numbers[sequence]

    def rows(self, table: str) -> list[Row]:
        """What is committed."""
        return list(self.tables[table].values())

    def release(self, lock: Lock) -> None:
        """Frees a lock, and lets those who wait for it try again."""
        del self.holders[lock]
        for waiting in self.waiting.pop(lock, ()):
            if not waiting.done():
                waiting.set_result(None)

    def go_back(self) -> bool:
        """The store is what it was when this was asked before; the first time a backup is all that is made."""
        now, backup, self._backup = self.world.clock.now(), self._backup, None
        if backup is None or not backup.may_replace(self.service, now):
            tables = {name: dict(rows) for name, rows in self.tables.items()}
            self._backup = Backup(tables, dict(self._numbers), now)
            return False
        self.tables, self._numbers = defaultdict(dict, backup.tables), defaultdict(int, backup.numbers)
        self.incarnation += 1
        self.restart()
        return True

    def restart(self) -> None:
        """The server comes up again: what was committed is there, no connection and no lock is."""
        for connection in list(self.connections):
            connection.lose()


class Transaction:
    """What one transaction has written so far; nobody else sees it before the commit."""

    def __init__(self, connection: "Connection") -> None:
        self.connection, self.store = connection, connection.store
        self.failed = False
        self._written: dict[str, dict[Any, Row | None]] = defaultdict(dict)
        self._locks: list[Lock] = []

    def get(self, table: str, key: Any) -> Row | None:
        """The row as this transaction sees it."""
        written = self._written[table]
        return written[key] if key in written else self.store.tables[table].get(key)

    def put(self, table: str, key: Any, row: Row | None) -> None:
        """Writes a row; None deletes it."""
        self._written[table][key] = row

    def scan(self, table: str) -> Iterator[tuple[Any, Row]]:
        """All rows as this transaction sees them, in the order in which they were first written."""
        written = self._written[table]
        for key, row in self.store.tables[table].items():
            if key not in written:
                yield key, row
        yield from ((key, row) for key, row in written.items() if row is not None)

    async def lock(self, lock: Lock) -> None:
        """Holds a lock to the end of the transaction; waits for whoever holds it."""
        if await self.connection.hold(lock):
            self._locks.append(lock)

    def commit(self) -> None:
        """All of it becomes visible at once."""
        for table, written in self._written.items():
            rows = self.store.tables[table]
            for key, row in written.items():
                if row is None:
                    rows.pop(key, None)
                else:
                    rows[key] = row
        self.end()

    def end(self) -> None:
        """Frees its locks; what was not committed is as if it had never been."""
        self._written.clear()
        for lock in self._locks:
            if self.store.holders.get(lock) is self.connection:
                self.store.release(lock)
        self._locks.clear()


class Connection:
    """What the chassis asks of an asyncpg connection."""

    def __init__(self, process: "Process", store: Store, server_settings: dict[str, str]) -> None:
        self.process, self.store, self.world = process, store, process.world
        self.server_settings = server_settings
        self.closed = False
        self.open: Transaction | None = None
        self._waits_for: asyncio.Future[None] | None = None
        store.connections[self] = None

    def is_closed(self) -> bool:
        return self.closed

    def terminate(self) -> None:
        """Ends it without a word; the server rolls back and frees its locks."""
        if not self.closed:
            self.lose()

    async def close(self) -> None:
        self.terminate()

    def lose(self) -> None:
        """The connection is gone: its transaction is rolled back, its locks are freed, whoever waits hears of it."""
        if self.closed:
            return
        self.closed = True
        del self.store.connections[self]
        if self.open is not None:
            self.open.end()
        for lock in [lock for lock, holder in self.store.holders.items() if holder is self]:
            self.store.release(lock)
        if self._waits_for is not None and not self._waits_for.done():
            self._waits_for.set_exception(lost())

    async def hold(self, lock: Lock) -> bool:
        """Waits until this connection holds the lock; whether it is new to it. Raises TimeoutError."""
        holders = self.store.holders
        while (holder := holders.get(lock)) is not None:
            if holder is self:
                return False
            await self._wait_for(lock)
            if self.closed:  # freed and lost at one moment: a dead connection holds nothing
                raise lost()
        holders[lock] = self
        return True

    def try_hold(self, lock: Lock) -> bool:
        """Whether this connection holds the lock now."""
        return self.store.holders.setdefault(lock, self) is self

    async def _wait_for(self, lock: Lock) -> None:
        self._waits_for = unblocked = self.world.loop.create_future()
        self.store.waiting[lock].append(unblocked)
        try:
            async with asyncio.timeout(self.process.settings.statement_timeout_seconds):
                await unblocked
        finally:
            self._waits_for = None

    def transaction(self) -> "Block":
        return Block(self)

    async def execute(self, text: str, *args: Any) -> Any:
        return await self._run(text, args)

    async def fetch(self, text: str, *args: Any) -> Any:
        return await self._run(text, args)

    async def fetchrow(self, text: str, *args: Any) -> Any:
        rows = await self._run(text, args)
        return rows[0] if rows else None

    async def fetchval(self, text: str, *args: Any) -> Any:
        answer = await self._run(text, args)
        if isinstance(answer, list):
            return answer[0][0] if answer else None
        return answer

    async def _run(self, text: str, args: tuple[Any, ...]) -> Any:
        statement = statement_of(text)
        await self.process.step(statement.__name__, STATEMENT_SECONDS)
        self.check_usable()
        self._may_break("cut", statement.__name__)
        if self.open is not None and self.open.failed:
            raise asyncpg.InFailedSQLTransactionError("current transaction is aborted")
        transaction = self.open or Transaction(self)
        answer = await self._carry_out(transaction, statement, args)
        self._may_break("answer_lost", statement.__name__)
        self.process.may_end(statement.__name__)
        return answer

    async def _carry_out(self, transaction: Transaction, statement: Any, args: tuple[Any, ...]) -> Any:
        try:
            answer = await statement(transaction, *args)
            if transaction is not self.open:
                transaction.commit()
        except BaseException:
            transaction.failed = True
            if transaction is not self.open:
                transaction.end()
            raise
        return answer

    def check_usable(self) -> None:
        """Raises as asyncpg does on a connection that is closed."""
        if self.closed:
            raise asyncpg.InterfaceError("the connection is closed")

    def _may_break(self, kind: str, where: str) -> None:
        if self.world.faults.strikes(kind):
            self.world.note(f"{self.process.name} {kind} {where}")
            self.lose()
            raise lost()
        if self.world.faults.strikes("restored") and self.store.go_back():
            self.world.note(f"{self.store.service} store is restored from a backup at {where}")
            raise lost()
        if self.world.faults.strikes("store_down"):
            self.world.note(f"{self.store.service} store restarts at {where}")
            self.store.restart()
            raise lost()

    async def begin(self) -> None:
        """Opens the transaction. No statement of the chassis opens one within another."""
        self.check_usable()
        assert self.open is None, "a savepoint: the simulated store has none"
        self.open = Transaction(self)

    async def commit(self) -> None:
        """Commits; the connection may break before it, or after it and before the answer."""
        transaction = self.open
        assert transaction is not None
        await self.process.step("commit", STATEMENT_SECONDS)
        self.check_usable()
        self._may_break("commit_lost", "commit")
        transaction.commit()
        self.open = None
        self.world.note(f"{self.process.name} has committed")
        self._may_break("commit_answer_lost", "commit")
        self.process.may_end("committed")

    async def roll_back(self) -> None:
        """Gives the transaction up. On a connection that has broken the server has done it already."""
        transaction, self.open = self.open, None
        if transaction is not None:
            transaction.end()


class Block:
    """`async with connection.transaction()`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def __aenter__(self) -> None:
        await self._connection.begin()

    async def __aexit__(self, raised: type[BaseException] | None, *_: object) -> None:
        if raised is None:
            try:
                await self._connection.commit()
            finally:
                await self._connection.roll_back()
        else:
            await self._connection.roll_back()


def lost() -> Exception:
    """What asyncpg raises when its connection breaks while a statement is under way."""
    return asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")
