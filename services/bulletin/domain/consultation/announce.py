"""Nothing is stated of a consultation: it speaks through the days that it moves."""

from chassis.decide.announcing import Announcer
from services.bulletin.domain.consultation.conclude import Conclusions
from services.bulletin.domain.consultation.facts import Facts

announce: Announcer[Facts, Conclusions] = Announcer({})
