"""docs/operations/parked-records.md, line by line, with a record on the bus that is no report."""

from pathlib import Path

import pytest

from tests.architecture.sample_repo import ROOT
from tests.deploy.pages import follow, missing, with_stack

pytestmark = [pytest.mark.thorough, pytest.mark.timeout(1200)]

PAGE = ROOT / "docs" / "operations" / "parked-records.md"
BEFORE = """
```console
$ afterward up --detach
$ python <<'END'
> import json
> from confluent_kafka import Producer
> bus = Producer({"bootstrap.servers": json.load(open(".afterward/stack.json"))["bootstrap_servers"]})
> bus.produce("treatment.reports.v1", b"this is no json", partition=4)
> assert bus.flush(60) == 0
> END
$ until afterward parked list | grep -q not_json; do sleep 1; done
```
"""


def test_a_record_is_looked_at_put_back_and_taken_out(tmp_path: Path) -> None:
    text = PAGE.read_text(encoding="utf-8")
    with with_stack(tmp_path / "checkout") as place:
        path = f'export PATH="{ROOT / ".venv/bin"}:$PATH"'
        output = follow(f"```console\n$ {path}\n```\n{BEFORE}{text}", place, {}, (), 900)
    assert missing(text, output) == [], output
    assert output.count("not_json") >= 3, "listed, shown, and listed again after it was put back"
