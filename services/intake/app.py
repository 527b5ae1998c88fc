"""The intake service, ready for `faststream run services.intake.app:app`."""

from chassis.service import Service, in_world
from chassis.settings import Settings
from services.intake.routes import CASE

settings = Settings()
app = Service("intake", [in_world(CASE, settings.designated_institutions)], settings).app
