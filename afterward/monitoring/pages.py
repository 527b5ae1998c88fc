"""The table of metrics, as people read it."""

from collections.abc import Iterator

from chassis.process.metric_list import LABELS, METRICS, OTHER, Metric


def metrics_table() -> str:
    """Every metric with its sentence, whose it is, and by what it is told apart."""
    rows = "\n".join(
        f"| `afterward_{one.name}` | {one.kind} | {one.of} | {_labels(one)} | {_sentence(one)} |" for one in METRICS
    )
    return f"| metric | kind | of the | by | |\n|---|---|---|---|---|\n{rows}"


def labels_table() -> str:
    """Every label with the values that it takes."""
    rows = "\n".join(f"| `{label}` | {', '.join(_values(label))} |" for label in LABELS)
    return f"| label | values, and `{OTHER}` |\n|---|---|\n{rows}"


def _labels(metric: Metric) -> str:
    return ", ".join(f"`{label}`" for label in metric.labels)


def _sentence(metric: Metric) -> str:
    return metric.sentence.replace("|", "\\|")


def _values(label: str) -> Iterator[str]:
    values = LABELS[label]()
    if len(values) > 40:
        yield from (f"`{value}`" for value in values[:2])
        yield f"… ({len(values)})"
    else:
        yield from (f"`{value}`" for value in values)
