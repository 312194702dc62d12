"""The dbt project as Dagster sees it: where it is and its manifest."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from dagster_dbt import DbtProject

from tradewind.settings import PROJECT_ROOT, SettingsError, load_settings


@cache
def dbt_project() -> DbtProject:
    """The project with this home's manifest; SettingsError if a setting or the manifest is missing."""
    project = DbtProject(
        project_dir=PROJECT_ROOT,
        profiles_dir=PROJECT_ROOT,
        target_path=Path(load_settings().exports()["DBT_TARGET_PATH"]),
    )
    if not project.manifest_path.exists():
        raise SettingsError(f"there is no dbt manifest at {project.manifest_path}; run `tradewind up`")
    return project
