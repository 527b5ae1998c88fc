"""The directory service, ready for `faststream run services.directory.app:app`."""

from chassis.process.service import Service
from services.directory.routes import AGGREGATES
from services.directory.views import QUESTIONS

app = Service("directory", AGGREGATES, questions=QUESTIONS).app
