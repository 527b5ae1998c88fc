"""The intake service, ready for `faststream run services.intake.app:app`."""

from chassis.process.service import Service
from services.intake.routes import AGGREGATES

app = Service("intake", AGGREGATES).app
