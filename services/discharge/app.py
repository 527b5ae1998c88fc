"""The discharge service, ready for `faststream run services.discharge.app:app`."""

from chassis.process.service import Service
from services.discharge.routes import AGGREGATES

app = Service("discharge", AGGREGATES).app
