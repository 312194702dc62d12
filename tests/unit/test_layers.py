"""Imports go one way: libraries do not import the application, and only `orchestration` imports Dagster."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tradewind.settings import PROJECT_ROOT

LIBRARY = (
    "marketplace",
    "source",
    "stack",
    "warehouse",
    "lakehouse",
    "metrics",
    "ml",
    "quality",
    "rt",
    "serving",
    "settings",
)
ALLOWED = {
    **{f"tradewind.{name}": {"tradewind"} for name in LIBRARY},
    "connectors": {"connectors", "tradewind"},
    "simulator": {"simulator", "tradewind"},
    "application": {"application", "tradewind", "connectors", "simulator", "clickhouse_server"},
    "dashboards.grafana": {"dashboards"},
    "orchestration": {"orchestration", "application", "connectors", "tradewind"},
}
"""Package -> the packages of this repository that it may import."""

OURS = (
    "tradewind",
    "application",
    "connectors",
    "simulator",
    "clickhouse_server",
    "orchestration",
    "benchmarks",
    "dashboards",
    "tests",
)
ORCHESTRATORS = {"dagster", "dagster_dbt", "dagster_pyspark", "dbt"}


def files(package: str) -> list[Path]:
    path = PROJECT_ROOT / package.replace(".", "/")
    return [*path.rglob("*.py")] if path.is_dir() else [path.with_suffix(".py")]


def imports(file: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def imported_by(package: str) -> dict[str, set[str]]:
    return {str(file.relative_to(PROJECT_ROOT)): imports(file) for file in files(package)}


@pytest.mark.parametrize(("package", "allowed"), ALLOWED.items())
def test_a_package_imports_only_those_below_it(package: str, allowed: set[str]) -> None:
    wrong = [
        f"{file} imports {name}"
        for file, names in imported_by(package).items()
        for name in names
        if name.split(".")[0] in OURS and name.split(".")[0] not in allowed
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "package", [package for package in ALLOWED if package not in ("application", "orchestration")]
)
def test_a_library_does_not_import_the_application(package: str) -> None:
    wrong = [
        f"{file} imports {name}"
        for file, names in imported_by(package).items()
        for name in names
        if name.startswith("application")
    ]
    assert wrong == []


@pytest.mark.parametrize("package", [package for package in ALLOWED if package != "orchestration"])
def test_only_orchestration_imports_dagster_and_dbt(package: str) -> None:
    """But for the program `tradewind-dbt`, which is dbt's command line."""
    wrong = [
        f"{file} imports {name}"
        for file, names in imported_by(package).items()
        for name in names
        if name.split(".")[0] in ORCHESTRATORS and (file, name) != ("application/dbt.py", "dbt.cli.main.cli")
    ]
    assert wrong == []


def test_the_library_names_no_program_of_the_application() -> None:
    """Services are declared by the application (`application.services`)."""
    named = [
        str(file.relative_to(PROJECT_ROOT))
        for package in ALLOWED
        if package.startswith("tradewind.") and package != "application"
        for file in files(package)
        if any(
            word in file.read_text() for word in ("orchestration", "simulator.live", "connectors.embedded")
        )
    ]
    assert named == []
