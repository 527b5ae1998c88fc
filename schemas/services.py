"""The services by their names, in the order of the journey."""

from typing import Final

SERVICES: Final = (
    "directory",
    "intake",
    "treatment",
    "discharge",
    "followup",
    "primarycare",
    "consultation",
    "bulletin",
)
"""Those that always run."""
OPTIONAL_SERVICES: Final = ("contact",)
"""Those that run where somebody wants them: contact where there are subscriptions."""
EVERY_SERVICE: Final = (*SERVICES, *OPTIONAL_SERVICES)
