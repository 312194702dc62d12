"""The dbt project as Dagster and dbt read it: parsed once, before anything is started that needs it.

`make setup` runs this module, so that a new home need not wait for dbt: it takes over what was parsed then,
if nothing has changed since. dbt itself compares every file, and parses again what it finds changed.

Belongs here: where it is kept and whether it is new enough. Doesn't: starting dbt (`tradewind.dbt`).
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from tradewind import dbt
from tradewind.settings import PROJECT_ROOT, Settings, dbt_places
from tradewind.stack import supervisor

SOURCES = ("dbt_project", "macros", "seeds", "dbt_project.yml", "profiles.yml")
PARSED_AHEAD = Path(sys.prefix) / "dbt"
MANIFEST, PARTIAL_PARSE = "manifest.json", "partial_parse.msgpack"


def prepare(home: Path, settings: Settings) -> None:
    """Parse the project, or take over what was parsed before, unless the home's manifest is new enough.

    A code server that runs with an older one is restarted.
    """
    exports = settings.exports()
    folder = Path(exports["DBT_TARGET_PATH"])
    if _is_new_enough(folder):
        return
    if _is_new_enough(PARSED_AHEAD):
        _copy(PARSED_AHEAD, folder)
    else:
        dbt.run(["parse"], exports)
    control = supervisor.connect(home)
    if control is not None:
        control.restart("dagster-code")


def parse_ahead() -> None:
    """Parse with the addresses that a stack gets where their ports are free; raises DbtError."""
    with tempfile.TemporaryDirectory() as scratch:
        places = dbt_places(Path(scratch))
        dbt.run(["parse"], places | {"TRADEWIND_DBT_TARGET": "clickhouse"})
        _copy(Path(places["DBT_TARGET_PATH"]), PARSED_AHEAD)


def _copy(source: Path, target: Path) -> None:
    """The manifest last, and each file whole: it says that all is there."""
    target.mkdir(parents=True, exist_ok=True)
    for name in (PARTIAL_PARSE, MANIFEST):
        draft = target / f"{name}.draft"
        shutil.copy2(source / name, draft)
        draft.replace(target / name)


def _is_new_enough(folder: Path) -> bool:
    """Whether the manifest is newer than all that it is made from; a folder changes with the files in it."""
    manifest = folder / MANIFEST
    paths = (PROJECT_ROOT / name for name in SOURCES)
    files = (file for path in paths for file in [path, *path.rglob("*")])
    newest = max((file.stat().st_mtime for file in files if file.exists()), default=0.0)
    return manifest.exists() and manifest.stat().st_mtime > newest


if __name__ == "__main__":
    parse_ahead()
