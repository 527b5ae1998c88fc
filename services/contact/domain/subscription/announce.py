"""Nothing is stated of a subscription."""

from chassis.decide.announcing import Announcer

announce = Announcer({})
