"""The subscription's row, which cases ask when they are judged."""

from services.contact.domain.subscription.conclude import SwitchState


def row(state: SwitchState) -> tuple[bool]:
    """Whether it is on."""
    return (state.facts.is_on,)
