"""The intake service, ready for `faststream run services.intake.app:app`."""

from chassis.service import Service
from services.intake.routes import KINDS

app = Service("intake", KINDS).app
