"""What each role may do, as the engine's own grants and settings."""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import escape

from tradewind.warehouse.access import DATABASES

ROLES = ("admin", "writer", "bi")

SESSION_DEFAULTS = {
    "final": "1",
    "join_use_nulls": "1",
    "cast_keep_nullable": "1",
    "aggregate_functions_null_for_empty": "1",
    "prefer_column_name_to_alias": "1",
    "group_by_use_nulls": "1",
    "union_default_mode": "DISTINCT",
    "except_default_mode": "DISTINCT",
    "intersect_default_mode": "DISTINCT",
    "allow_introspection_functions": "0",
    # A view in ads or rt reads with its creator's rights, so that a BI user can read the view alone.
    "default_normal_view_sql_security": "DEFINER",
}

BI_LIMITS = {
    "max_execution_time": "300",
    "max_memory_usage": str(4 << 30),
    "max_result_bytes": str(8 << 30),
}

BI_SYSTEM_TABLES = (
    "one", "numbers", "numbers_mt", "zeros", "databases", "tables", "columns", "settings", "functions",
    "data_type_families", "formats", "time_zones", "collations", "keywords", "table_engines",
    "table_functions", "build_options", "contributors", "licenses", "aggregate_function_combinators",
)  # fmt: skip

GRANTS: dict[str, tuple[str, ...]] = {
    "admin": ("GRANT ALL ON *.* WITH GRANT OPTION",),
    "writer": (
        *(f"GRANT ALL ON {database}.*" for database in DATABASES),
        "GRANT CREATE TEMPORARY TABLE ON *.*",
        "GRANT TABLE ENGINE ON *",
        "GRANT SHOW ON *.*",
        "GRANT SELECT ON system.*",
        "GRANT SELECT ON information_schema.*",
        "GRANT SELECT ON INFORMATION_SCHEMA.*",
    ),
    "bi": (
        "GRANT SELECT ON ads.*",
        "GRANT SELECT ON rt.*",
        "GRANT SELECT ON cdm.dim_*",
        "GRANT SHOW DATABASES ON default.*",
        "GRANT SELECT ON information_schema.*",
        "GRANT SELECT ON INFORMATION_SCHEMA.*",
        *(f"GRANT SELECT ON system.{table}" for table in BI_SYSTEM_TABLES),
    ),
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


def write_engine_config(folder: Path) -> Path:
    """Write the engine's configuration into `folder`; returns the file to start the engine with."""
    folder.mkdir(parents=True, exist_ok=True)
    users = folder / "users.xml"
    settings = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in SESSION_DEFAULTS.items())
    roles = "".join(f"<{role}><grants>{_queries(GRANTS[role])}</grants></{role}>" for role in ROLES)
    memberships = _queries(tuple(f"GRANT {role}" for role in ROLES))
    users.write_text(USERS.format(settings=settings, roles=roles, memberships=memberships))
    config = folder / "config.xml"
    config.write_text(CONFIG.format(users=escape(str(users)), keep_free=KEEP_FREE_BYTES))
    return config


def _queries(grants: tuple[str, ...]) -> str:
    return "".join(f"<query>{escape(grant)}</query>" for grant in grants)
