"""The wheel `afterward-schemas`: it is built, installed where nothing else of ours is, and reads an event there."""

import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pydantic
import pytest

from schemas.wheel import build, renamed
from tests.schemas.examples import NAMES, valid

READS_AN_EVENT = """
import pkgutil, sys
from importlib import import_module
from importlib.resources import files
from importlib.util import find_spec

import afterward_schemas
from afterward_schemas.envelope import read
from afterward_schemas.topics import registry
from afterward_schemas.validation import validate

for module in pkgutil.walk_packages(afterward_schemas.__path__, "afterward_schemas."):
    import_module(module.name)
envelope = read(sys.stdin.buffer.read())
message, _ = registry()[envelope.type]
print(type(validate(message, envelope.data)).__module__, envelope.type, envelope.subject)
print(len(list(files("afterward_schemas").joinpath("examples/valid").iterdir())))
print(find_spec("schemas"), {name.partition(".")[0] for name in sys.modules} & {"schemas", "chassis", "afterward"})
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("wheel"))


def test_nothing_in_the_wheel_has_a_name_that_is_anybodys(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"afterward_schemas"}
    assert "afterward_schemas/published/asyncapi.json" in names
    assert "afterward_schemas/py.typed" in names
    assert not [name for name in names if "publishing" in name or "generate" in name or "wheel.py" in name]


def test_the_wheel_reads_an_event_in_an_environment_of_its_own(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", with_pip=False)
    python = tmp_path / "venv" / "bin" / "python"
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*install, str(wheel)], check=True)
    (site,) = (tmp_path / "venv").glob("lib/python*/site-packages")
    (site / "pydantic_of_the_tests.pth").write_text(f"{Path(pydantic.__file__).parents[1]}\n")

    command = [str(python), "-I", "-c", READS_AN_EVENT]
    done = subprocess.run(command, input=valid("Discharged"), capture_output=True, check=False, cwd=tmp_path)

    assert done.returncode == 0, done.stderr.decode()
    kind, examples, ours = done.stdout.decode().splitlines()
    assert kind.split()[:2] == ["afterward_schemas.events.discharge", "afterward.Discharged.v1"]
    assert int(examples) == len(NAMES)
    assert ours == "None set()"


def test_only_what_is_imported_of_the_language_is_renamed() -> None:
    source = "import schemas.topics\nfrom schemas import values\nfrom schemas_of_mine import x\nschemas = 'schemas'\n"
    assert renamed(source) == (
        "import afterward_schemas.topics\nfrom afterward_schemas import values\n"
        "from schemas_of_mine import x\nschemas = 'schemas'\n"
    )
