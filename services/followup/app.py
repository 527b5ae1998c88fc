"""The followup service, ready for `faststream run services.followup.app:app`."""

from chassis.process.service import Service
from services.followup.routes import AGGREGATES

app = Service("followup", AGGREGATES).app
