"""What `afterward publish` makes of the lines of a file before anything is sent."""

import json
from base64 import b64encode
from pathlib import Path

from afterward.cli.messages import nonempty_lines
from afterward.reports import Refusal, Report, check
from schemas.envelope import BYTE_ORDER_MARK
from tests.schemas.examples import valid

LINE = json.dumps(json.loads(valid("TestResultReported"))).encode()


def test_a_byte_order_mark_says_nothing_wherever_files_were_put_together(tmp_path: Path) -> None:
    file = tmp_path / "marked.jsonl"
    file.write_bytes(BYTE_ORDER_MARK + LINE + b"\r\n" + BYTE_ORDER_MARK + b"\n \n" + BYTE_ORDER_MARK + LINE)
    assert list(nonempty_lines([str(file)])) == [(f"{file}:1", LINE), (f"{file}:4", LINE)]


def test_a_line_with_its_data_in_base_64_is_checked_as_any() -> None:
    given = json.loads(LINE)
    del given["data"]
    refused = check(json.dumps(given | {"data_base64": "?"}).encode())
    assert refused == Refusal("invalid", "data_base64 must be text in base 64 (RFC 4648, section 4)", "data_base64")
    assert isinstance(check(json.dumps(given | {"data_base64": _encoded()}).encode()), Report)


def _encoded() -> str:
    return b64encode(json.dumps(json.loads(LINE)["data"]).encode()).decode()


def test_a_switch_of_somebody_who_has_no_say_is_refused_before_it_is_sent() -> None:
    switch = json.loads(valid("SubscriptionSwitched"))
    refused = check(json.dumps(switch | {"source": "/patients"}).encode())
    assert isinstance(refused, Refusal)
    assert (refused.code, refused.at) == ("not_allowed", "source")
    assert isinstance(check(json.dumps(switch | {"source": "/operators/duty"}).encode()), Report)
