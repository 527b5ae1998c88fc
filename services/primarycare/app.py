"""The primarycare service, ready for `faststream run services.primarycare.app:app`."""

from chassis.process.service import Service
from services.primarycare.routes import AGGREGATES
from services.primarycare.views import QUESTIONS

app = Service("primarycare", AGGREGATES, questions=QUESTIONS).app
