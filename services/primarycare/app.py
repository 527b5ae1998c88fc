"""The primarycare service, ready for `faststream run services.primarycare.app:app`."""

from chassis.service import Service
from services.primarycare.routes import KINDS

app = Service("primarycare", KINDS).app
