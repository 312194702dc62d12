"""The archive of Debezium's classes: used where it fits, ignored where it does not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tradewind.settings import PROJECT_ROOT

MAKE = "archive.ARCHIVED = ('debezium-api-',); archive.make(); "
START = (
    "from connectors.embedded import jvm; jvm.start(); "
    "import jpype; jpype.JClass('io.debezium.engine.ChangeEvent')"
)


def run(file: Path, program: str, loaded: Path) -> list[str]:
    """Run a program with its archive at `file`; returns from where Java loaded Debezium's classes."""
    where = (
        "from pathlib import Path; from connectors.embedded import archive; "
        f"archive.ARCHIVE = Path({str(file)!r}); "
    )
    log = {"JAVA_TOOL_OPTIONS": f"-Xlog:class+load:file={loaded}"}
    command = [sys.executable, "-c", where + program]
    subprocess.run(command, cwd=PROJECT_ROOT, env=log, check=True, timeout=300, capture_output=True)
    return [line for line in loaded.read_text().splitlines() if "io.debezium.engine.ChangeEvent " in line]


def test_an_archived_class_is_loaded_from_the_archive(tmp_path: Path) -> None:
    loaded = run(tmp_path / "classes.jsa", MAKE + START, tmp_path / "loaded")
    assert ["shared objects file" in line for line in loaded] == [True], loaded


def test_a_damaged_or_missing_archive_is_ignored(tmp_path: Path) -> None:
    (tmp_path / "damaged.jsa").write_bytes(b"nonsense" * 10_000)
    for name in ("damaged.jsa", "missing.jsa"):
        loaded = run(tmp_path / name, START, tmp_path / "loaded")
        assert ["debezium-api-" in line for line in loaded] == [True], loaded
