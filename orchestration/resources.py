"""What the assets use, each declared once; tests replace them (`orchestration.definitions.build_defs`).

Addresses and passwords are read from the settings when they are needed: the UI shows a resource's fields.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import dagster as dg

from application import dbt
from connectors.feeds.reputation import ReputationClient
from orchestration.internals.dbt_cli import Dbt
from orchestration.project import dbt_project
from tradewind.lakehouse.lake import Lake
from tradewind.settings import home_folder, load_settings

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client


class Warehouse(dg.ConfigurableResource):  # type: ignore[type-arg]
    """The warehouse as the pipeline's user."""

    url: str | None = None
    """CLICKHOUSE_WRITER_URL of the settings if not given."""

    def address(self) -> str:
        """Where it is, with login."""
        return self.url or load_settings().clickhouse_writer_url

    def client(self) -> Client:
        """A new connection."""
        from tradewind.warehouse.client import connect

        return connect(self.address())


class Reputation(dg.ConfigurableResource):  # type: ignore[type-arg]
    """The service that knows the reputation of addresses and devices."""

    url: str | None = None
    """REPUTATION_URL of the settings if not given."""

    def client(self) -> ReputationClient:
        """A new client; SettingsError names the setting if there is none."""
        return ReputationClient(self.url or load_settings().required("reputation_url"))


def default_resources() -> dict[str, dg.ConfigurableResource]:  # type: ignore[type-arg]
    """The resources of a deployment."""
    resources: dict[str, dg.ConfigurableResource] = {  # type: ignore[type-arg]
        "dbt": Dbt(project_dir=str(dbt_project().project_dir), dbt_executable=str(dbt.program())),
        "warehouse": Warehouse(),
        "reputation_service": Reputation(),
    }
    if find_spec("pyspark"):
        from dagster_pyspark import LazyPySparkResource

        resources["spark"] = LazyPySparkResource(spark_config=Lake(home_folder() / "lake").settings())
    return resources
