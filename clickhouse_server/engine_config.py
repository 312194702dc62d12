"""The engine's own configuration files, generated from the access rules."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from xml.sax.saxutils import escape

from clickhouse_server.access import PROCESSES_ROLE, Access

SERVER_SETTINGS = {
    "allow_introspection_functions": "0",
    # A view reads with its creator's rights, so that a reader of the view needs no rights on its sources.
    "default_normal_view_sql_security": "DEFINER",
}

# Nothing is begun on the last of the disk: a merge that ends there loses data (docs/lessons/0012).
KEEP_FREE_BYTES = 32 << 20

CONFIG = """<clickhouse>
    <logger><level>warning</level></logger>
    <user_directories><users_xml><path>{users}</path></users_xml></user_directories>
    <access_control_improvements>
        <select_from_system_db_requires_grant>true</select_from_system_db_requires_grant>
        <select_from_information_schema_requires_grant>true</select_from_information_schema_requires_grant>
    </access_control_improvements>
    <ignore_empty_sql_security_in_create_view_query>false</ignore_empty_sql_security_in_create_view_query>
    <mark_cache_size>268435456</mark_cache_size>
    <uncompressed_cache_size>0</uncompressed_cache_size>
    <background_pool_size>4</background_pool_size>
    <storage_configuration><disks><default>
        <keep_free_space_bytes>{keep_free}</keep_free_space_bytes>
    </default></disks></storage_configuration>
    <kafka>
        <session_timeout_ms>6000</session_timeout_ms>
        <heartbeat_interval_ms>1500</heartbeat_interval_ms>
        <reconnect_backoff_max_ms>1000</reconnect_backoff_max_ms>
        <fetch_message_max_bytes>20971520</fetch_message_max_bytes>
    </kafka>
    <max_server_memory_usage_to_ram_ratio>0.7</max_server_memory_usage_to_ram_ratio>
</clickhouse>
"""

USERS = """<clickhouse>
    <profiles><default>{settings}</default></profiles>
    <roles>{roles}</roles>
    <users>
        <default>
            <password></password>
            <networks><ip>::1</ip><ip>127.0.0.1</ip></networks>
            <profile>default</profile>
            <quota>default</quota>
            <grants>{memberships}</grants>
        </default>
    </users>
    <quotas><default></default></quotas>
</clickhouse>
"""


def write_engine_config(folder: Path, access: Access) -> Path:
    """Write the engine's configuration into `folder`; returns the file to start the engine with."""
    folder.mkdir(parents=True, exist_ok=True)
    users = folder / "users.xml"
    grants = {role.name: role.grants for role in access.roles.values()}
    grants[PROCESSES_ROLE] = ("GRANT SELECT ON system.processes",)
    settings = {**access.session_settings, **SERVER_SETTINGS}
    users.write_text(
        USERS.format(
            settings="".join(f"<{name}>{escape(value)}</{name}>" for name, value in settings.items()),
            roles="".join(f"<{name}><grants>{_queries(of)}</grants></{name}>" for name, of in grants.items()),
            memberships=_queries(f"GRANT {name}" for name in grants),
        )
    )
    config = folder / "config.xml"
    config.write_text(CONFIG.format(users=escape(str(users)), keep_free=KEEP_FREE_BYTES))
    return config


def _queries(grants: Iterable[str]) -> str:
    return "".join(f"<query>{escape(grant)}</query>" for grant in grants)
