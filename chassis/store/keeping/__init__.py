"""What is kept how long, who is forgotten, and whom a hold protects from both."""

from functools import partial

from chassis.store.connection import sql

statement = partial(sql, package="chassis.store.keeping.sql")
"""A statement in `chassis/store/keeping/sql`."""
