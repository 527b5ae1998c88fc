"""The courier of contact, ready for `faststream run services.contact.courier:app`."""

from chassis.settings import Settings
from services.contact.postman import Postman
from services.contact.subscriptions import load

app = Postman(load(Settings().subscriptions_file)).app
