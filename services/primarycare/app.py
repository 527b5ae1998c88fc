"""The primarycare service, ready for `faststream run services.primarycare.app:app`."""

from chassis.process.service import Service
from services.primarycare.routes import AGGREGATES

app = Service("primarycare", AGGREGATES).app
