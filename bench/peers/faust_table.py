"""Faust: an agent over a table in RocksDB with a changelog topic.

`python -m faust -A bench.peers.faust_table worker`; its settings are environment variables.
"""

import os
from typing import Any

import faust

from bench.first import first_record
from bench.peers.counting import judge

app = faust.App(
    os.environ["BENCH_GROUP"],
    broker=f"kafka://{os.environ['BENCH_SERVERS']}",
    store="rocksdb://",
    value_serializer="json",
    topic_partitions=6,
    topic_replication_factor=1,
    web_enabled=False,
)
reports = app.topic(os.environ["BENCH_REPORTS"], key_type=str)
results = app.topic(os.environ["BENCH_RESULTS"], key_type=str)
cases = app.Table("cases", key_type=str)


@app.agent(reports)  # type: ignore[untyped-decorator]
async def count(stream: Any) -> None:
    """Every record of the partitions that this worker has."""
    async for case, report in stream.items():
        first_record()
        judged = judge(cases.get(case), report)
        if judged is not None:
            cases[case] = judged[0]
            await results.send(key=case, value=judged[1])
