"""The primarycare service, ready for `faststream run services.primarycare.app:app`."""

from chassis.process.service import Service
from chassis.store.connection import sql
from services.primarycare.routes import AGGREGATES
from services.primarycare.views import QUESTIONS

app = Service("primarycare", AGGREGATES, questions=QUESTIONS, survey=sql("survey", "services.primarycare.sql")).app
