"""What a machine may lack: skip with a visible reason, or fail where `TRADEWIND_REQUIRE` lists it.

Belongs here: the names of optional means (`data`, `spark`, `browser`, `network_namespace`...) and the one
decision between skipping and failing. Doesn't: starting any of them.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

PROJECT_ROOT = Path(__file__).resolve().parents[1]


def lacking(name: str, reason: str) -> None:
    """Skip the calling test, or fail it where TRADEWIND_REQUIRE (comma-separated, or `all`) names `name`."""
    required = {item.strip() for item in os.environ.get("TRADEWIND_REQUIRE", "").split(",")}
    if name in required or "all" in required:
        pytest.fail(f"{name} is required here (TRADEWIND_REQUIRE) but lacking: {reason}")
    pytest.skip(f"{name}: {reason}")


def data_folder(name: str) -> Path:
    """A real data set's folder under TRADEWIND_DATA (default: ../shared/data beside the repository)."""
    root = Path(os.environ.get("TRADEWIND_DATA") or PROJECT_ROOT.parent / "shared" / "data")
    folder = root / name
    if not folder.is_dir():
        lacking("data", f"{folder} does not exist; set TRADEWIND_DATA to the folder that holds {name}")
    return folder
