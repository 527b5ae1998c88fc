"""The treatment service, ready for `faststream run services.treatment.app:app`."""

from chassis.process.service import Service
from services.treatment.routes import AGGREGATES
from services.treatment.views import QUESTIONS

app = Service("treatment", AGGREGATES, questions=QUESTIONS).app
