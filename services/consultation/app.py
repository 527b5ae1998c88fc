"""The consultation service, ready for `faststream run services.consultation.app:app`."""

from chassis.process.service import Service
from services.consultation.routes import AGGREGATES
from services.consultation.views import QUESTIONS

app = Service("consultation", AGGREGATES, questions=QUESTIONS).app
