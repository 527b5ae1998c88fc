"""Nothing is stated of a subscription."""

from chassis.decide.announcing import Announcer
from services.contact.domain.subscription.conclude import Nothing
from services.contact.domain.subscription.facts import Switch

announce: Announcer[Switch, Nothing] = Announcer({})
