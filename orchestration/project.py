"""The dbt project as Dagster sees it: where it is, its manifest, the environment its processes need."""

from __future__ import annotations

import os
from pathlib import Path

from dagster_dbt import DbtProject

from tradewind.settings import PROJECT_ROOT, SettingsError, load_settings

settings = load_settings()
os.environ.update(settings.exports())

dbt_project = DbtProject(
    project_dir=PROJECT_ROOT,
    profiles_dir=PROJECT_ROOT,
    target_path=Path(os.environ["DBT_TARGET_PATH"]),
)
if not dbt_project.manifest_path.exists():
    raise SettingsError(f"there is no dbt manifest at {dbt_project.manifest_path}; run `tradewind up`")
