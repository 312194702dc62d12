"""From dbt to Dagster: one rule for keys, groups, owners and descriptions.

The folder is the layer is the schema is the group; a source's group is its name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings


class Translator(DagsterDbtTranslator):
    """dbt nodes as assets named `<layer>/<table>`."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """`bronze/orders`, `ods/ods_orders`, `ads/ads_daily_gmv`."""
        return dg.AssetKey([layer(dbt_resource_props), dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The layer."""
        return layer(dbt_resource_props)

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> Sequence[str] | None:
        """`meta.owner`: an address, or a team's name."""
        meta = {**dbt_resource_props.get("meta", {}), **dbt_resource_props.get("config", {}).get("meta", {})}
        owner = meta.get("owner")
        if not owner:
            return None
        return [owner if "@" in owner or owner.startswith("team:") else f"team:{owner}"]

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The description of the dbt docs, without the SQL that Dagster would append."""
        return str(dbt_resource_props.get("description") or "")


def layer(dbt_resource_props: Mapping[str, Any]) -> str:
    """A source's schema, a model's first folder, a seed's or snapshot's schema."""
    if dbt_resource_props["resource_type"] == "model":
        return str(dbt_resource_props["fqn"][1])
    return str(dbt_resource_props["schema"])


SETTINGS = DagsterDbtTranslatorSettings(
    enable_asset_checks=True, enable_source_tests_as_checks=True, enable_dbt_selection_by_name=True
)
translator = Translator(settings=SETTINGS)
