"""The bulletin service, ready for `faststream run services.bulletin.app:app`."""

from chassis.process.service import Service
from services.bulletin.routes import AGGREGATES
from services.bulletin.views import QUESTIONS

app = Service("bulletin", AGGREGATES, questions=QUESTIONS).app
