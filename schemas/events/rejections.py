"""The answer to a report that could not be taken in: what was wrong with it, without repeating it."""

from schemas.message import Event
from schemas.values import Identifier, Text, Word


class ReportRejected(Event):
    """A report was refused. The envelope's `subject` is that of the report; `at` is the path of the field at fault.

    Codes are a growing vocabulary: `missing`, `wrong_type`, `out_of_range`, `unknown_value`, `invalid`,
    `impossible_time`, `too_large`, `wrong_subject`, `wrong_topic`, `unknown_type`, `conflict`, `id_reused` (another
    report came under this id before), `not_allowed` (not for this source to say), `too_many` (reports about this case
    within an hour), `identifying_text` (a telephone number, an id …) … `source` is `/` where what was sent is not
    repeated.
    """

    report_id: Identifier
    report_type: Text
    source: Text
    code: Word
    reason: Text
    at: Text | None = None
