"""What the role of a service may do in its database: use the tables, and make or change none.

A migration gives these rights anew each time, so whatever tables it has made, all of them have theirs. A database that
one role alone uses, as in tests, has nobody to give them to.
"""

from chassis.store.connection import Connection
from chassis.store.upgrading.fitting import statement

_OWNER = "_owner"
READ_ONLY = ("migration", "document_shape", "redraw", "retention")
"""What only the owner writes: by a migration, and by the job that keeps and forgets."""
APPEND_ONLY = ("archive", "access_log", "erasure", "erased")
"""What was stated, who has looked at what, and who was erased: a service adds to it, and takes nothing back."""


def owner_of(service: str) -> str:
    """The role that owns a service's database, and migrates it."""
    return f"{service}{_OWNER}"


async def give_rights(connection: Connection) -> None:
    """To the service's role, where the one that is connected is its owner's. Raises what the store raises."""
    user = str(await connection.fetchval("SELECT current_user"))
    if not user.endswith(_OWNER):
        return
    async with connection.transaction():
        for lacking in await connection.fetch(
            statement("rights_lacking"), user.removesuffix(_OWNER), READ_ONLY, APPEND_ONLY
        ):
            await connection.execute(lacking[0])
