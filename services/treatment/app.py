"""The treatment service, ready for `faststream run services.treatment.app:app`."""

from chassis.service import Service
from services.treatment.routes import KINDS

app = Service("treatment", KINDS).app
