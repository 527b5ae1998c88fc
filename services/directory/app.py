"""The directory service, ready for `faststream run services.directory.app:app`."""

from chassis.service import Service
from services.directory.routes import KINDS

app = Service("directory", KINDS).app
