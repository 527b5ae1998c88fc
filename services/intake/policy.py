"""What intake decides by, beside the reference data that all services share."""

from datetime import timedelta

RESPOND_WITHIN = timedelta(hours=24)
"""How long the receiving institution has to admit a confirmed case (RULES I4, *default*)."""

LOOK_AGAIN_AFTER = timedelta(hours=24)
"""How often a case that nobody can be found for is looked at again by itself (*default*)."""
