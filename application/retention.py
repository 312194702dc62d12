"""How long bronze keeps superseded changes: for ever, unless the setting says otherwise."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from application.build_lock import build_lock
from application.manifest import MANIFEST
from tradewind.quality.events import valid_changes
from tradewind.quality.logs import change_logs
from tradewind.settings import Settings, retention_settings
from tradewind.warehouse import bronze
from tradewind.warehouse.client import connect
from tradewind.warehouse.retention import Outcome, Readers, remove_superseded

# Their models hold the newest state of each row; any other model that reads a log reads its history.
MERGING_LAYERS = ("ods", "rt")


def prune(settings: Settings, *, is_rehearsal: bool = False) -> dict[str, Outcome] | None:
    """Remove what is superseded and older than TRADEWIND_BRONZE_RETENTION_DAYS; None if it is not set.

    No build runs meanwhile. A rehearsal removes nothing. Returns log -> outcome.
    """
    days = retention_settings().tradewind_bronze_retention_days
    if days is None:
        return None
    logs = readers(_manifest(settings))
    with build_lock(), closing(connect(settings.clickhouse_writer_url)) as client:
        return remove_superseded(client, logs, days, datetime.now(UTC), is_rehearsal=is_rehearsal)


def readers(manifest: Mapping[str, Any]) -> dict[str, Readers]:
    """The models that read each log of bronze that is merged into ODS, from dbt's graph."""
    logs = {log.table: log for log in change_logs(manifest) if log.database == bronze.DATABASE}
    found = {}
    for key, source in manifest["sources"].items():
        if source["schema"] != bronze.DATABASE or source["identifier"] not in logs:
            continue
        nodes = [
            manifest["nodes"][child] for child in manifest["child_map"][key] if child in manifest["nodes"]
        ]
        models = [node for node in nodes if node["resource_type"] == "model"]
        found[source["identifier"]] = Readers(
            partial(valid_changes, logs[source["identifier"]]),
            merged_into=[f"ods.{node['alias']}" for node in models if node["schema"] == "ods"],
            history=sorted(node["name"] for node in models if node["schema"] not in MERGING_LAYERS),
        )
    return found


def _manifest(settings: Settings) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((Path(settings.exports()["DBT_TARGET_PATH"]) / MANIFEST).read_text())
    return content
