"""Bronze tables as external assets, from the dbt manifest's sources."""

from __future__ import annotations

import json

import dagster as dg

from orchestration.project import dbt_project
from orchestration.translator import translator


def _specs() -> list[dg.AssetSpec]:
    manifest = json.loads(dbt_project.manifest_path.read_text())
    specs = [translator.get_asset_spec(manifest, source, dbt_project) for source in manifest["sources"]]
    return [spec.replace_attributes(kinds={"clickhouse", "debezium"}) for spec in specs]


tables = _specs()
