"""The consultation service, ready for `faststream run services.consultation.app:app`."""

from chassis.process.service import Service
from chassis.store.connection import sql
from services.consultation.routes import AGGREGATES
from services.consultation.views import QUESTIONS

app = Service("consultation", AGGREGATES, questions=QUESTIONS, survey=sql("survey", "services.consultation.sql")).app
