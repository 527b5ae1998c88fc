"""The contact service, ready for `faststream run services.contact.app:app`."""

from chassis.process.service import Service
from services.contact.routes import AGGREGATES
from services.contact.views import QUESTIONS

app = Service("contact", AGGREGATES, questions=QUESTIONS).app
