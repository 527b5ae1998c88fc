"""The subscription's row, which cases ask when they are judged."""

from chassis.decide.judge import State


def row(state: State) -> tuple[bool]:
    """Whether it is on."""
    return (state.facts.is_on,)
