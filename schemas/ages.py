"""Age grows: a rule asks it at its clinical day, counted from the day of the report that gave it."""

from datetime import date


def grown(months: int, on: date, day: date) -> int:
    """The completed months of somebody of `months` on one civil day, on another, which may lie before it; never < 0."""
    passed = (day.year - on.year) * 12 + day.month - on.month - (day.day < on.day)
    return max(0, months + passed)
