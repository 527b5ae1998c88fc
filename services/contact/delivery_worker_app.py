"""The delivery worker of contact, ready for `faststream run services.contact.delivery_worker_app:app`."""

from chassis.process.settings import Settings
from services.contact.delivery_worker import DeliveryWorker
from services.contact.subscriptions import load

app = DeliveryWorker(load(Settings().subscriptions_file)).app
