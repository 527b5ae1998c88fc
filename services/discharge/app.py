"""The discharge service, ready for `faststream run services.discharge.app:app`."""

from chassis.service import Service
from services.discharge.routes import KINDS

app = Service("discharge", KINDS).app
