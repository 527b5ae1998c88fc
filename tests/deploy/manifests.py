"""The manifests that the chart was rendered into, as tests look at them."""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any, Final

import pytest

from chassis.process.container import APPLICATIONS
from tests.deploy import chart

PROCESSES: Final = sorted(APPLICATIONS)
SETS: Final = pytest.mark.parametrize("name", list(chart.SETS))


def of_kind(name: str, kind: str) -> dict[str, chart.Manifest]:
    return {one["metadata"]["name"]: one for one in chart.manifests_of(name) if one["kind"] == kind}


def pods(name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The name of everything that runs, and its pod."""
    for kind in ("StatefulSet", "Job", "CronJob"):
        for workload, manifest in of_kind(name, kind).items():
            spec = manifest["spec"]
            yield workload, spec.get("jobTemplate", {"spec": spec})["spec"]["template"]["spec"]


def environment(name: str, pod: dict[str, Any]) -> dict[str, str]:
    """The variables of a pod's container; the pod's name is `a-pod`."""
    (container,) = pod["containers"]
    found: dict[str, str] = {}
    for source in container.get("envFrom", ()):
        found |= of_kind(name, "ConfigMap")[source["configMapRef"]["name"]]["data"]
    return found | {one["name"]: one.get("value", "a-pod") for one in container["env"]}


def mounted(name: str, pod: dict[str, Any]) -> set[str]:
    """The paths of all files that are mounted into a pod from secrets and config maps that name them."""
    (container,) = pod["containers"]
    folders = {one["name"]: PurePosixPath(one["mountPath"]) for one in container["volumeMounts"]}
    paths = set()
    for volume in pod["volumes"]:
        for source in volume.get("projected", {}).get("sources", ()):
            if "items" in (secret := source.get("secret", {})):
                names = [item["path"] for item in secret["items"]]
            elif "configMap" in source:
                names = list(of_kind(name, "ConfigMap")[source["configMap"]["name"]]["data"])
            else:
                names = []
            paths |= {str(folders[volume["name"]] / one) for one in names}
    return paths
