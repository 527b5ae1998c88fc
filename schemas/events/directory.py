"""Events of directory: each institution as it now stands. The topic is compacted, so its newest is the whole directory.

Whoever needs institutions keeps a copy from these; nobody asks the directory's database.
"""

from typing import Annotated

from pydantic import Field

from schemas.message import Event
from schemas.reports.directory import InstitutionFields

Version = Annotated[
    int, Field(strict=True, ge=1, description="How many declarations and withdrawals have begun to hold.")
]


class InstitutionEvent(InstitutionFields, Event):
    """The entry as it now stands."""

    version: Version


class InstitutionListed(InstitutionEvent):
    """The institution exists, and this is what it is."""


class InstitutionDelisted(InstitutionEvent):
    """The institution is no more since `effective_from`; the rest is what it was."""
