"""The bulletin service, ready for `faststream run services.bulletin.app:app`."""

from chassis.service import Service
from services.bulletin.routes import KINDS

app = Service("bulletin", KINDS).app
