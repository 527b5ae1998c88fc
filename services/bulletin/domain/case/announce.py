"""Nothing is stated of a case: it speaks through the days that it moves."""

from chassis.decide.announcing import Announcer

announce = Announcer({})
