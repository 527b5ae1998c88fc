"""The intake service, ready for `faststream run services.intake.app:app`."""

from chassis.routes import in_world
from chassis.service import Service
from chassis.settings import Settings
from services.intake.routes import CASE

settings = Settings()
app = Service("intake", [in_world(CASE, settings.designated_institutions)], settings).app
