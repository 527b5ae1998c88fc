"""Where Kafka's program comes from: a Java that can run it, and jars that Maven fetches once for each user."""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from afterward.stack.kafka.jar_lock import KAFKA_LOCK, differences
from afterward.stack.process import StartFailed

VERSION = "4.3.1"
_OLDEST_JAVA = 17
_POM = Path(__file__).with_name("pom.xml")


def available() -> str | None:
    """Why Kafka cannot be started on this machine; None when it can."""
    java = find_java()
    if java is None:
        return f"no Java: Apache Kafka {VERSION} needs version {_OLDEST_JAVA} or later"
    if (found := _java_version(java)) < _OLDEST_JAVA:
        return f"Java {found} at {java} is too old: Apache Kafka {VERSION} needs version {_OLDEST_JAVA} or later"
    if not _folder().exists() and shutil.which("mvn") is None:
        return f"no Maven (mvn) on the PATH to fetch Apache Kafka {VERSION} with"
    return None


def find_java() -> str | None:
    """The program that runs Java: of JAVA_HOME where that is set, else from the PATH."""
    if home := os.environ.get("JAVA_HOME"):
        return shutil.which(Path(home) / "bin" / "java")
    return shutil.which("java")


def class_path() -> str:
    """Kafka's jars for `java -cp`, fetched first when they are missing. Raises StartFailed with what Maven said."""
    folder = _folder()
    if not folder.exists():
        _fetch(folder)
    return f"{folder}/*"


def _fetch(folder: Path) -> None:
    """Into a draft, so that a folder with the final name is whole; of two processes that race one keeps its draft."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=folder.parent))
    try:
        _copy_dependencies(draft)
        if not folder.exists():
            draft.rename(folder)
    except OSError:
        if not folder.exists():
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _copy_dependencies(folder: Path) -> None:
    command = ["mvn", "--quiet", "--batch-mode", "--strict-checksums", f"--file={_POM}"]
    command += ["dependency:copy-dependencies", f"-DoutputDirectory={folder}"]
    done = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        raise StartFailed(f"Maven could not fetch Apache Kafka {VERSION}:\n{(done.stdout + done.stderr)[-2000:]}")
    if wrong := differences(folder, KAFKA_LOCK):
        raise StartFailed(
            f"what Maven fetched is not the Apache Kafka {VERSION} of {KAFKA_LOCK.name}: {'; '.join(wrong)}"
        )


def _folder() -> Path:
    caches = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(caches) / "afterward" / f"kafka-{VERSION}"


def _java_version(java: str) -> int:
    """The feature release: 17 of `version "17.0.15"`, 8 of `version "1.8.0_402"`; 0 when it does not say."""
    emitted = subprocess.run([java, "-version"], check=False, capture_output=True, text=True).stderr
    found = re.search(r'version "(?:1\.)?(\d+)', emitted)
    return int(found[1]) if found else 0
