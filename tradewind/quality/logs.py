"""The change logs that ODS reads, and what each event's row must hold, as the dbt manifest says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Manifest = Mapping[str, Any]

LAYER = "ods"
_LOG_SCHEMAS = ("bronze", "feeds")


@dataclass(frozen=True)
class ChangeLog:
    """A change log and the model that merges it."""

    database: str
    table: str
    source: str
    """The name of its dbt source, which is its asset's."""
    key: tuple[str, ...]
    columns: Mapping[str, str]
    """Column -> neutral type, of the columns that an event's row has."""
    personal: frozenset[str]
    """The columns with personal data."""

    @property
    def name(self) -> str:
        """`bronze.orders`."""
        return f"{self.database}.{self.table}"

    @property
    def relation(self) -> str:
        """As SQL writes it."""
        return f"{self.database}.`{self.table}`"


def change_logs(manifest: Manifest) -> list[ChangeLog]:
    """Every log that an ODS model merges, by name."""
    found = []
    for node in manifest["nodes"].values():
        if node["resource_type"] != "model" or node["fqn"][1] != LAYER:
            continue
        for parent in node["depends_on"]["nodes"]:
            source = manifest["sources"].get(parent)
            if source and source["schema"] in _LOG_SCHEMAS:
                found.append(_change_log(node, source))
    return sorted(found, key=lambda log: log.name)


def _change_log(node: Mapping[str, Any], source: Mapping[str, Any]) -> ChangeLog:
    columns = {name: column for name, column in node["columns"].items() if not _is_of_change(name)}
    return ChangeLog(
        database=source["schema"],
        table=source["identifier"],
        source=source["name"],
        key=tuple(node["config"]["unique_key"]),
        columns={name: column["data_type"] for name, column in columns.items()},
        personal=frozenset(name for name, column in columns.items() if _is_personal(column)),
    )


def _is_of_change(name: str) -> bool:
    """Whether the merge adds the column (`tradewind.source.models` keeps their names from sources)."""
    return name in (
        "_value_positions", "_version", "_position", "_op", "_is_deleted", "_changed_at", "_loaded_at"
    )  # fmt: skip


def _is_personal(column: Mapping[str, Any]) -> bool:
    meta = {**column.get("meta", {}), **column.get("config", {}).get("meta", {})}
    return bool(meta.get("personal_data"))
