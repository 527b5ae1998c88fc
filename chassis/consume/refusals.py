"""How a report is answered that is refused on its envelope: where it lies, what it weighs, whose it is."""

from chassis.consume.identifying import IDENTIFYING, IDENTIFYING_REASON
from chassis.decide.judge import Rejection
from schemas.attributes import SOURCE_FORM
from schemas.envelope import MAX_ENVELOPE_BYTES

WRONG_TOPIC = Rejection("wrong_topic", "this type of report belongs to another topic; see the table of topics")
UNKNOWN_TYPE = Rejection("unknown_type", "no report of this type and major version is known here", "type")
NO_SOURCE_GIVEN = Rejection("invalid", f"source {SOURCE_FORM}", "source")
IDENTIFYING_SOURCE = Rejection(IDENTIFYING, f"source {IDENTIFYING_REASON}", "source")
TOO_LARGE = Rejection("too_large", f"an envelope holds at most {MAX_ENVELOPE_BYTES} bytes; send less in one report")
NOT_ALLOWED = Rejection("not_allowed", "this report is not for this source to make; see the message's description")
NOT_THEIRS = Rejection("not_allowed", "this source belongs to somebody else than who published the report")
NOT_LISTED = Rejection("not_allowed", "this source may not publish to this topic here; ask who runs the system")
