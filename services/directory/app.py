"""The directory service, ready for `faststream run services.directory.app:app`."""

from chassis.process.service import Service
from services.directory.routes import AGGREGATES

app = Service("directory", AGGREGATES).app
