"""The dbt manifest: the project is parsed once, before anything starts that needs the result.

`make setup` runs this module, so that a new home need not wait for dbt: it copies what was parsed then, if no
file has changed since. dbt itself compares every file, and parses changed ones again.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path

from application import dbt
from tradewind.rt.definitions import Manifest
from tradewind.settings import PROJECT_ROOT, Settings, dbt_places
from tradewind.stack import supervisor
from tradewind.stack.errors import StackError

SOURCES = ("dbt_project", "macros", "seeds", "dbt_project.yml", "profiles.yml")
PARSED_AHEAD = Path(sys.prefix) / "dbt"
MANIFEST, PARTIAL_PARSE, SEMANTIC = "manifest.json", "partial_parse.msgpack", "semantic_manifest.json"
READERS = ("dagster-code", "api")
"""Services that have read the manifest when they started."""


def prepare(home: Path, settings: Settings) -> None:
    """Parse the project, or copy what was parsed before, unless the home's manifest is up to date.

    A running code server and a running API are restarted to load the new one.
    """
    exports = settings.exports()
    folder = Path(exports["DBT_TARGET_PATH"])
    if _is_usable(folder):
        return
    if _is_usable(PARSED_AHEAD):
        _copy(PARSED_AHEAD, folder)
    else:
        dbt.run(["parse"], exports)
    control = supervisor.connect(home)
    if control is not None:
        for service in READERS:
            control.restart(service)


def read(settings: Settings) -> Manifest:
    """What was last parsed in this home."""
    folder = Path(settings.exports()["DBT_TARGET_PATH"])
    manifest: Manifest = json.loads((folder / MANIFEST).read_text())
    return manifest


def read_semantic(settings: Settings) -> str:
    """The metrics and what they are made from, as text, as last parsed in this home."""
    path = Path(settings.exports()["DBT_TARGET_PATH"]) / SEMANTIC
    if not path.exists():
        raise StackError("this home has no metrics yet; `tradewind up` prepares them")
    return path.read_text()


def parse_ahead() -> None:
    """Parse for every stack to come, at whatever address (`dbt_tradewind`); raises DbtError."""
    with tempfile.TemporaryDirectory() as scratch:
        places = dbt_places(Path(scratch))
        dbt.run(["parse"], places | {"TRADEWIND_DBT_TARGET": "clickhouse"})
        _copy(Path(places["DBT_TARGET_PATH"]), PARSED_AHEAD)


def _copy(source: Path, target: Path) -> None:
    """Copy each file whole and the manifest last: its presence means that all files are there."""
    target.mkdir(parents=True, exist_ok=True)
    for name in (PARTIAL_PARSE, SEMANTIC, MANIFEST):
        draft = target / f"{name}.draft"
        shutil.copy2(source / name, draft)
        draft.replace(target / name)


def _is_usable(folder: Path) -> bool:
    """Whether the manifest was parsed after the last change of its sources."""
    manifest = folder / MANIFEST
    if not (manifest.exists() and (folder / SEMANTIC).exists()):
        return False
    paths = (PROJECT_ROOT / name for name in SOURCES)
    files = (file for path in paths for file in [path, *path.rglob("*")])  # a folder changes with its files
    newest = max((file.stat().st_mtime for file in files if file.exists()), default=0.0)
    return manifest.stat().st_mtime > newest


if __name__ == "__main__":
    parse_ahead()
