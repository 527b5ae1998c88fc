"""The consultation service, ready for `faststream run services.consultation.app:app`."""

from chassis.process.service import Service
from services.consultation.routes import AGGREGATES

app = Service("consultation", AGGREGATES).app
