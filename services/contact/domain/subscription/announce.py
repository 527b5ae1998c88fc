"""Nothing is stated of a subscription."""

from chassis.announcing import Announcer

announce = Announcer({})
