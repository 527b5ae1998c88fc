"""Invented institutions in a few districts of three jurisdictions, as reports that anybody could publish.

`afterward publish afterward/seed/institutions.jsonl` declares them to a stack that knows none; the demo does so itself.
"""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from afterward.reports import Refusal, Report, check


@cache
def institutions() -> Sequence[Report]:
    """The declarations, ready for their topic."""
    lines = files(__package__).joinpath("institutions.jsonl").read_bytes().splitlines()
    checked = [check(line) for line in lines]
    if refused := [answer for answer in checked if isinstance(answer, Refusal)]:
        raise ValueError(f"the seed has {len(refused)} lines that are not valid; the first: {refused[0]}")
    return [answer for answer in checked if isinstance(answer, Report)]
