"""Nothing is stated of a case: it speaks through the days that it moves."""

from chassis.decide.announcing import Announcer
from services.bulletin.domain.case.conclude import Conclusions
from services.bulletin.domain.case.facts import Facts

announce: Announcer[Facts, Conclusions] = Announcer({})
