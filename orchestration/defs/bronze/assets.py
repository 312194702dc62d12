"""The source tables' change logs as external assets, which the capture writes; from the dbt manifest."""

from __future__ import annotations

import json

import dagster as dg

from orchestration.project import dbt_project
from orchestration.translator import translator
from tradewind.warehouse import bronze


def source_tables() -> list[dg.AssetSpec]:
    """One external asset per table that the capture writes; feeds are assets of their own (`defs/feeds`)."""
    manifest = json.loads(dbt_project().manifest_path.read_text())
    sources = {
        key: source for key, source in manifest["sources"].items() if source["schema"] == bronze.DATABASE
    }
    specs = [translator.get_asset_spec(manifest, key, dbt_project()) for key in sources]
    return [spec.replace_attributes(kinds={"clickhouse", "debezium"}) for spec in specs]


tables = source_tables()
