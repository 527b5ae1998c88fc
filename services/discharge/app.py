"""The discharge service, ready for `faststream run services.discharge.app:app`."""

from chassis.process.service import Service
from services.discharge.routes import AGGREGATES
from services.discharge.views import QUESTIONS

app = Service("discharge", AGGREGATES, questions=QUESTIONS).app
