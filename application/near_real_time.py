"""Making the near-real-time states and marts, and making them anew; dbt does it, in a process of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from application import dbt, manifest
from application.build_lock import build_lock
from tradewind.rt import definitions
from tradewind.settings import PROJECT_ROOT, Settings, reporting_time_zone
from tradewind.warehouse.bronze import LogTable, create_table
from tradewind.warehouse.client import connect

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

# The home's manifest stays as it is: other processes read it meanwhile, and dbt does not replace it at once.
RUN = ("run", "--no-write-json")

DEPLOYMENTS = """\
create table if not exists ops.rt_deployments (
    checksum String comment 'Of the models, macros and settings that the near-real-time marts were made from',
    deployed_at DateTime64(6, 'UTC') default now64(6, 'UTC') comment 'When they were complete'
) engine = MergeTree order by deployed_at"""


def deploy(settings: Settings) -> bool:
    """Make what is missing or was made from another definition; whether there was anything to do.

    What is there stays readable meanwhile. Raises DbtError.
    """
    exports = settings.exports()
    models = manifest.read(settings)
    project = (PROJECT_ROOT / "dbt_project.yml").read_text()
    wanted = definitions.checksum(models, f"{project}\n{reporting_time_zone()}")
    client = connect(settings.clickhouse_writer_url)
    client.command(DEPLOYMENTS)
    if _deployed(client) == wanted:
        return False
    for database, table in definitions.logs(models):
        client.command(create_table(LogTable(database, table)))
    with build_lock():
        dbt.run([*RUN, "--select", definitions.LAYER], exports)
    client.insert("ops.rt_deployments", [[wanted]], column_names=["checksum"])
    return True


def rebuild(settings: Settings, mart: str | None = None) -> list[str]:
    """Make a mart's states anew from the change log (all, without a name); readers see the old or the new.

    Returns the names of the states. Raises UnknownMart, and DbtError.
    """
    exports = settings.exports()
    models = manifest.read(settings)
    marts = definitions.marts(models)
    if mart and mart not in marts:
        raise UnknownMart(f"{mart} is no near-real-time mart; there are {', '.join(marts)}")
    states = definitions.states_of(models, mart)
    with build_lock():
        dbt.run([*RUN, "--full-refresh", "--select", *states], exports)
        dbt.run([*RUN, "--select", definitions.LAYER], exports)
    return states


class UnknownMart(ValueError):
    """There is no such mart; the message names those there are."""


def _deployed(client: Client) -> str:
    """The checksum of what was last made; empty if nothing was."""
    found = client.query(
        "select checksum from ops.rt_deployments order by deployed_at desc limit 1"
    ).result_rows
    return str(found[0][0]) if found else ""
