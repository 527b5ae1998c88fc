"""The contact service, ready for `faststream run services.contact.app:app`."""

from chassis.service import Service
from services.contact.routes import KINDS

app = Service("contact", KINDS).app
