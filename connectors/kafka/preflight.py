"""Whether a source can be captured: what is wrong with it, and what would mend it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import LiteralString

import psycopg
from psycopg.rows import TupleRow

from connectors.kafka import preflight_mysql
from connectors.kafka.declared import POSTGRES, SOURCES
from connectors.kafka.errors import KafkaError
from connectors.kafka.findings import Finding
from connectors.kafka.plan import Plan
from tradewind.settings import Endpoint, Settings
from tradewind.source.mysql import is_mysql

Connection = psycopg.Connection[TupleRow]


def require(settings: Settings, plan: Plan) -> None:
    """KafkaError with every problem of the source, if the plan creates or changes a source connector."""
    changed = [
        item for item in plan.connectors if item.name in SOURCES and item.action in ("create", "update")
    ]
    if not changed:
        return
    problems = [finding for finding in check(settings.database_replication_url) if finding.is_error]
    if any(item.name == POSTGRES and not item.exists for item in changed):
        problems += _taken_slot(settings.database_replication_url, changed[0].wanted["slot.name"])
    if problems:
        raise KafkaError("the source cannot be captured:\n" + "\n".join(f"  {item}" for item in problems))


def check(replication_url: str) -> list[Finding]:
    """Every finding about the source, as the capture's own role sees it; errors first."""
    if is_mysql(replication_url):
        return preflight_mysql.check(replication_url)
    try:
        with psycopg.connect(replication_url, connect_timeout=5) as connection:
            connection.read_only = True
            found = list(_Postgres(connection, Endpoint(replication_url).user).findings())
    except psycopg.OperationalError as error:
        return [Finding(True, f"no connection: {str(error).strip().splitlines()[-1]}", "check the address")]
    return sorted(found, key=lambda finding: not finding.is_error)


def _taken_slot(url: str, slot: str) -> list[Finding]:
    """A slot that is there before the connector is not its own."""
    query = "select active from pg_replication_slots where slot_name = %s"
    with psycopg.connect(url, connect_timeout=5) as connection:
        row = connection.execute(query, (slot,)).fetchone()
    if row is None:
        return []
    reader = "another capture reads it" if row[0] else "nobody reads it now"
    return [
        Finding(
            True,
            f"the slot {slot} is there already ({reader}), and Connect has no offset for it",
            "stop the other capture, or, to take a new snapshot with a new slot: "
            f"select pg_drop_replication_slot('{slot}');",
        )
    ]


@dataclass(frozen=True)
class _Postgres:
    """The checks of a PostgreSQL source."""

    connection: Connection
    user: str
    publication: str = "tradewind"

    def findings(self) -> Iterator[Finding]:
        yield from self._server()
        yield from self._role()
        yield from self._tables()

    def _server(self) -> Iterator[Finding]:
        if (level := self._one("show wal_level")) != "logical":
            yield Finding(
                True,
                f"wal_level is {level}",
                "alter system set wal_level = 'logical';  -- and restart the server",
            )
        used = self._one("select count(*) from pg_replication_slots")
        most = self._one("select current_setting('max_replication_slots')::int")
        own = self._one("select count(*) from pg_replication_slots where slot_name = 'tradewind'")
        if used == most and not own:
            yield Finding(
                True,
                f"all {most} replication slots are used",
                f"alter system set max_replication_slots = {int(str(most)) + 5};  -- and restart the server",
            )
        if self._one("show max_slot_wal_keep_size") == "-1":
            yield Finding(
                False,
                "a capture that stays away can fill the disk: max_slot_wal_keep_size is unlimited",
                "alter system set max_slot_wal_keep_size = '8GB'; select pg_reload_conf();",
            )

    def _role(self) -> Iterator[Finding]:
        if not self._one("select rolreplication from pg_roles where rolname = current_user"):
            yield Finding(True, f"role {self.user} may not replicate", f"alter role {self.user} replication;")
        if not self._one("select count(*) from pg_publication where pubname = %s", self.publication):
            yield Finding(True, f"there is no publication {self.publication}", "tradewind source init")
        if not self._one("select to_regclass('cdc.heartbeat') is not null"):
            yield Finding(True, "there is no table cdc.heartbeat", "tradewind source init")
        elif not self._one("select has_table_privilege('cdc.heartbeat', 'update')"):
            yield Finding(
                True,
                f"role {self.user} may not write the heartbeat",
                f"grant update on cdc.heartbeat to {self.user};",
            )

    def _tables(self) -> Iterator[Finding]:
        query = """
            select p.schemaname, p.tablename, c.relreplident,
                has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select')
            from pg_publication_tables p
            join pg_namespace n on n.nspname = p.schemaname
            join pg_class c on c.relnamespace = n.oid and c.relname = p.tablename
            where p.pubname = %s order by 1, 2"""
        for schema, table, identity, may_read in self.connection.execute(query, (self.publication,)):
            name = f'"{schema}"."{table}"'
            if identity != "f":
                yield Finding(
                    schema != "cdc",
                    f"{schema}.{table} does not log whole rows",
                    f"alter table {name} replica identity full;",
                )
            if not may_read:
                yield Finding(
                    True,
                    f"role {self.user} may not read {schema}.{table}",
                    f'grant usage on schema "{schema}" to {self.user}; '
                    f"grant select on {name} to {self.user};",
                )

    def _one(self, query: LiteralString, *parameters: str) -> object:
        row = self.connection.execute(query, parameters).fetchone()
        return row[0] if row else None
