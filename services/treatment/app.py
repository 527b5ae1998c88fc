"""The treatment service, ready for `faststream run services.treatment.app:app`."""

from chassis.process.service import Service
from services.treatment.routes import AGGREGATES

app = Service("treatment", AGGREGATES).app
