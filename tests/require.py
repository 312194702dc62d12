"""What a machine may lack: skip with a visible reason, or fail where `TRADEWIND_REQUIRE` lists it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Literal, get_args

import pytest

PROJECT_ROOT = Path(__file__).resolve().parents[1]

Means = Literal[
    "browser", "curl", "data", "jdbc", "kafka", "mariadb", "mount_namespace", "network_namespace", "node",
    "postgresql_15", "prometheus", "psql", "spark",
]  # fmt: skip
ALL = "all"


def required() -> frozenset[str]:
    """What TRADEWIND_REQUIRE lists (comma-separated, or `all`); a name that means nothing is an error."""
    names = {item.strip() for item in os.environ.get("TRADEWIND_REQUIRE", "").split(",")} - {""}
    known = set(get_args(Means))
    if unknown := names - known - {ALL}:
        raise pytest.UsageError(
            f"TRADEWIND_REQUIRE names {', '.join(sorted(unknown))}; "
            f"it may name {', '.join(sorted(known))}, or {ALL}"
        )
    return frozenset(known if ALL in names else names)


def lacking(name: Means, reason: str) -> None:
    """Skip the calling test, or fail it where TRADEWIND_REQUIRE names `name`."""
    if name in required():
        pytest.fail(f"{name} is required here (TRADEWIND_REQUIRE) but lacking: {reason}")
    pytest.skip(f"{name}: {reason}")


def need_program(name: Literal["curl", "prometheus", "psql"], package: str) -> None:
    """Skip (or fail) the calling test where this program is not installed."""
    if shutil.which(name) is None:
        lacking(name, f"the program {name} was not found; install the package {package}")


def data_folder(name: str) -> Path:
    """A real data set's folder under TRADEWIND_DATA (default: ../shared/data beside the repository)."""
    root = Path(os.environ.get("TRADEWIND_DATA") or PROJECT_ROOT.parent / "shared" / "data")
    folder = root / name
    if not folder.is_dir():
        lacking("data", f"{folder} does not exist; set TRADEWIND_DATA to the folder that holds {name}")
    return folder
