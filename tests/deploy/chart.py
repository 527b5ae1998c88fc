"""Renders the Helm chart into `deploy/kubernetes`, or with `--check` says what is wrong with what lies there.

python -m tests.deploy.chart            renders with helm, which must be there
python -m tests.deploy.chart --check    drift by hashes, every manifest by its schema; with helm also lint and rendering

A rendered file names the hash of all that it was made of, and of itself. So a chart that was changed is found where
there is no helm, and a manifest that was changed by hand is too.
"""

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import jsonschema
import kubernetes_validate
import yaml

from schemas.publishing.complaints import complain
from tests.architecture.sample_repo import ROOT

CHART: Final = ROOT / "deploy" / "helm" / "afterward"
RENDERED: Final = ROOT / "deploy" / "kubernetes"
CRDS: Final = Path(__file__).parent / "crds"
BUILT: Final = ROOT / ".venv" / "go-bin" / "helm"
"""Where `make` builds helm."""
SETS: Final[dict[str, Path | None]] = {"default": None, "full": RENDERED / "full.values.yaml"}
"""Name of a rendered file → the values beside the chart's own."""
VERSION: Final = "1.34"
"""Of Kubernetes: whose schemas hold, and for which helm renders."""
FIRST_LINES: Final = "# Rendered by `make chart`: change the chart, not this file.\n"

Manifest = dict[str, Any]


class HelmFailed(Exception):
    """What helm wrote when it ended badly."""


def main(arguments: list[str] | None = None) -> int:
    """The exit code: 1 with a line for each thing that is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.deploy.chart", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when something is wrong")
    options = parser.parse_args(arguments)
    helm = find_helm()
    if not options.check:
        if helm is None:
            return complain(["helm was not found: `make chart` builds it where there is Go"])
        for name in SETS:
            (RENDERED / f"{name}.yaml").write_text(as_file(name, render(helm, name)), encoding="utf-8")
    return complain([*drift(), *invalid(), *([] if helm is None else differing(helm))])


def find_helm() -> str | None:
    """The helm of this machine, or the one that `make` has built."""
    return shutil.which("helm") or (str(BUILT) if BUILT.exists() else None)


def render(helm: str, name: str, *others: str) -> str:
    """What helm makes of a set of values; `others` are more of its options. Raises HelmFailed."""
    return _run(helm, "template", "afterward", str(CHART), "--namespace", "afterward", *_options(name), *others)


def as_file(name: str, body: str) -> str:
    """A rendered file: its two hashes, then what was rendered."""
    return f"{FIRST_LINES}# inputs: {inputs_hash(name)}\n# manifests: {_hash(body.encode())}\n{body}"


def inputs_hash(name: str) -> str:
    """Of all files that a set of manifests is made of, and their names."""
    files = sorted(path for path in CHART.rglob("*") if path.is_file())
    values = SETS[name]
    parts = [f"{path.relative_to(ROOT)} {_hash(path.read_bytes())}" for path in (*files, *([values] if values else []))]
    return _hash("\n".join(parts).encode())


def drift() -> Iterator[str]:
    """A sentence for each rendered file that is not what the chart made of its values."""
    for name in SETS:
        path = RENDERED / f"{name}.yaml"
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        first, inputs, manifests, body = [*text.split("\n", 3), "", "", ""][:4]
        if f"{first}\n" != FIRST_LINES or manifests != f"# manifests: {_hash(body.encode())}":
            yield f"{_shown(path)} was changed by hand: run `make chart`"
        elif inputs != f"# inputs: {inputs_hash(name)}":
            yield f"{_shown(path)} has drifted from the chart: run `make chart`"


def invalid() -> Iterator[str]:
    """A sentence for each manifest that its schema refuses."""
    for name in SETS:
        for manifest in manifests_of(name):
            why = why_invalid(manifest)
            if why is not None:
                yield f"deploy/kubernetes/{name}.yaml: {manifest['kind']} {manifest['metadata']['name']}: {why}"


def differing(helm: str) -> Iterator[str]:
    """What helm says of the chart, and sets of values that it would render otherwise today."""
    for name in SETS:
        try:
            _run(helm, "lint", "--strict", "--quiet", str(CHART), *_options(name))
            rendered = loaded(render(helm, name))
        except HelmFailed as failure:
            yield f"helm, with the values {name}: {failure}"
            continue
        if sorted(rendered, key=_identity) != sorted(manifests_of(name), key=_identity):
            yield f"deploy/kubernetes/{name}.yaml is not what helm renders: run `make chart`"


@cache
def manifests_of(name: str) -> list[Manifest]:
    """All manifests of a rendered file."""
    return loaded((RENDERED / f"{name}.yaml").read_text(encoding="utf-8"))


def why_invalid(manifest: Manifest) -> str | None:
    """What its schema says: Kubernetes' own, else the resource definition's. None: it is valid."""
    own = _definition(manifest["kind"])
    try:
        if own is not None:
            own.validate(manifest)
        else:
            kubernetes_validate.validate(manifest, VERSION, strict=True)
    except (jsonschema.ValidationError, kubernetes_validate.ValidationError) as error:
        return f"{'.'.join(map(str, error.path))}: {error.message}"
    except kubernetes_validate.SchemaNotFoundError:
        return "no schema is known for this kind"
    return None


@cache
def _definition(kind: str) -> jsonschema.Draft7Validator | None:
    path = CRDS / f"{kind}.schema.json"
    return jsonschema.Draft7Validator(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None


def _options(name: str) -> list[str]:
    values = SETS[name]
    return ["--kube-version", f"{VERSION}.0", *(["--values", str(values)] if values else [])]


def _run(helm: str, *arguments: str) -> str:
    done = subprocess.run([helm, *arguments], capture_output=True, text=True, timeout=300, check=False)
    if done.returncode != 0:
        raise HelmFailed((done.stdout + done.stderr).strip())
    return done.stdout


def loaded(text: str) -> list[Manifest]:
    """The manifests of a text, without empty ones."""
    return [manifest for manifest in yaml.load_all(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader)) if manifest]


def _identity(manifest: Manifest) -> tuple[str, str]:
    return manifest["kind"], manifest["metadata"]["name"]


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


if __name__ == "__main__":
    sys.exit(main())
