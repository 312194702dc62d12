"""Bronze tables as assets, from the dbt manifest's sources.

What the capture writes is external; the specs of feeds are for the assets that bring them in (`defs/feeds`).
"""

from __future__ import annotations

import json

import dagster as dg

from orchestration.project import dbt_project
from orchestration.translator import translator
from tradewind.warehouse.feeds import TABLE_PREFIX


def _specs() -> list[dg.AssetSpec]:
    manifest = json.loads(dbt_project.manifest_path.read_text())
    return [translator.get_asset_spec(manifest, source, dbt_project) for source in manifest["sources"]]


def _is_feed(spec: dg.AssetSpec) -> bool:
    return spec.key.path[-1].startswith(TABLE_PREFIX)


SPECS = _specs()
tables = [spec.replace_attributes(kinds={"clickhouse", "debezium"}) for spec in SPECS if not _is_feed(spec)]
feed_specs = {
    spec.key: spec.replace_attributes(kinds={"clickhouse"}, group_name="feeds")
    for spec in SPECS
    if _is_feed(spec)
}
