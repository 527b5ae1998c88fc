"""The intake service, ready for `faststream run services.intake.app:app`."""

from chassis.process.service import Service
from chassis.store.connection import sql
from services.intake.routes import AGGREGATES
from services.intake.views import QUESTIONS

COUNTS = {"at_unknown_places": sql("count_unknown", "services.intake.sql")}
SURVEY = sql("survey", "services.intake.sql")
app = Service("intake", AGGREGATES, counts=COUNTS, questions=QUESTIONS, survey=SURVEY).app
