"""What the assets use: the warehouse and dbt, each declared once."""

from __future__ import annotations

from functools import cached_property
from importlib.metadata import version as installed_version
from typing import TYPE_CHECKING, Any

import dagster as dg
from dagster_dbt import DbtCliResource
from packaging.version import Version, parse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clickhouse_connect.driver.client import Client


class Warehouse(dg.ConfigurableResource):  # type: ignore[type-arg]
    """The warehouse as the pipeline's user."""

    url: str

    def client(self) -> Client:
        """A new connection."""
        from tradewind.warehouse.client import connect

        return connect(self.url)


class Dbt(DbtCliResource):
    """dbt as a process, started once per job and nothing else.

    The original starts dbt a second time to ask for its version and loads it a third time into this
    process to count rows; both take as long as dbt itself. The version is known, and `Warehouse` counts.
    """

    @cached_property
    def _cli_version(self) -> Version:
        return parse(installed_version("dbt-core"))

    def _initialize_dbt_core_adapter(self, args: Sequence[str]) -> Any:
        return None
