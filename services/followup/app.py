"""The followup service, ready for `faststream run services.followup.app:app`."""

from chassis.service import Service
from services.followup.routes import KINDS

app = Service("followup", KINDS).app
