"""Nothing is stated of a delivery: it speaks through the days that it moves."""

from chassis.decide.announcing import Announcer
from services.bulletin.domain.delivery.conclude import Conclusions
from services.bulletin.domain.delivery.facts import Facts

announce: Announcer[Facts, Conclusions] = Announcer({})
