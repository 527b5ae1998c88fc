"""The followup service, ready for `faststream run services.followup.app:app`."""

from chassis.process.service import Service
from chassis.store.connection import sql
from services.followup.routes import AGGREGATES
from services.followup.views import QUESTIONS

app = Service("followup", AGGREGATES, questions=QUESTIONS, survey=sql("survey", "services.followup.sql")).app
