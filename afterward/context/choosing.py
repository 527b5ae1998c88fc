"""Which target a verb talks to: what its options say, else the environment, else the context in use."""

import os
from pathlib import Path
from typing import Final

from afterward.context import cluster, kept
from afterward.context.kept import BadContext
from afterward.context.target import Target, local

CONTEXT: Final = "AFTERWARD_CONTEXT"
"""The environment's word on the context."""


def chosen(context: str | None, data_dir: Path | None) -> Target:
    """The target of a verb with these options: `--context`, or `--data-dir`, which means the stack there.

    Raises BadContext, BadCluster, NotRunning.
    """
    if context is not None and data_dir is not None:
        raise BadContext("say --context or --data-dir, not both: --data-dir is the stack there, on this machine")
    if data_dir is not None:
        return local(data_dir.absolute())
    contexts = kept.load()
    name = context or os.environ.get(CONTEXT) or contexts.current
    entry = contexts.entry(name)
    if kept.DATA_DIR in entry:
        return local(Path(entry[kept.DATA_DIR]).absolute())
    return cluster.target(name, entry.get(kept.CLUSTER, {}))
