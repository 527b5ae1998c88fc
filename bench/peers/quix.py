"""Quix Streams, exactly once, state in RocksDB with a changelog topic.

`python -m bench.peers.quix SERVERS REPORTS RESULTS GROUP FOLDER`
"""

import sys
from typing import Any

from quixstreams import Application

from bench.first import first_record
from bench.peers.counting import judge

COMMIT_SECONDS = 1.0


def count(report: dict[str, Any], state: Any) -> dict[str, Any] | None:
    """The result of one record, or None for a repeated one; the state is the case's own."""
    first_record()
    judged = judge(state.get("known"), report)
    if judged is None:
        return None
    state.set("known", judged[0])
    return judged[1]


def application(servers: str, reports: str, results: str, group: str, folder: str) -> Application:
    """The application, ready to run."""
    app = Application(
        broker_address=servers,
        consumer_group=group,
        auto_offset_reset="earliest",
        processing_guarantee="exactly-once",
        commit_interval=COMMIT_SECONDS,
        state_dir=folder,
        loglevel="WARNING",
    )
    source = app.topic(reports, key_deserializer="str", value_deserializer="json")
    target = app.topic(results, key_serializer="str", value_serializer="json")
    frame = app.dataframe(source).apply(count, stateful=True)
    frame.filter(lambda emitted: emitted is not None).to_topic(target)
    return app


if __name__ == "__main__":
    application(*sys.argv[1:6]).run()
