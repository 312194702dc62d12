"""Both families hold the same model: what the live catalogues say is compared, difference by difference.

Whoever changes a table on one side only is told here what the other side lacks.
"""

from __future__ import annotations

import re
from dataclasses import replace

import psycopg
import pytest

from tests.fixtures.mariadb import RunningMariadb
from tests.fixtures.postgres import RunningPostgres
from tradewind.marketplace import schema
from tradewind.settings import PROJECT_ROOT
from tradewind.source import catalog
from tradewind.source.drift import compare_with_catalog
from tradewind.source.layer import generate
from tradewind.source.mysql.catalog import check_clauses, read_tables, type_in_postgresql
from tradewind.source.mysql.connection import connect, rows
from tradewind.source.table import Table

SCHEMAS = ("public", "cdc", "labels")
DATABASES = ("ecomm", "cdc", "labels")

# Every difference there is, with its reason. Anything else fails.
LARGER_TYPES = {
    # A length limit belongs to the two families' text types alike; in the catalogue only PostgreSQL shows it.
    ("cdc", "signal", "id"): "character varying(42)",
    ("cdc", "signal", "type"): "character varying(32)",
    ("cdc", "signal", "data"): "character varying(2048)",
}
CHECKS_THAT_ARE_TRIGGERS = {
    # MySQL allows no check of a column that a foreign key acts on.
    ("labels", "fraud_labels", "fraud_labels_mark_something"),
}
KEYS_THAT_ARE_TRIGGERS = {
    # What a foreign key updates there runs no triggers and is not in the change log; a moved profile's orders
    # need both.
    "orders_profile_of_user",
}
# PostgreSQL publishes table by table, so it is noted which ones.
TABLES_OF_THE_PUBLICATION = {"captured_schemas", "excluded_tables", "published_tables"}
OTHER_DEFAULTS = {
    # A lot carries its own identifier, so a rule gives it before the row is written; 0 stands for none.
    ("ecomm", "inventory_log", "log_id"): ("generated", "0"),
    ("ecomm", "inventory_log", "lot_id"): (None, "0"),
    # A default that is another column, because a trigger is too late for a column without one.
    ("ecomm", "orders", "status_changed_at"): (None, "ordered_at"),
}


@pytest.fixture(scope="module")
def postgresql(postgres: RunningPostgres) -> str:
    schema.init(postgres.owner_url)
    return postgres.owner_url


def tables_of_postgresql(url: str, schemas: tuple[str, ...] = ("public",)) -> list[Table]:
    """Without what has no counterpart."""
    return [
        replace(
            table,
            foreign_keys=tuple(key for key in table.foreign_keys if key.name not in KEYS_THAT_ARE_TRIGGERS),
        )
        for table in catalog.read_catalog(url, schemas)
        if (table.schema, table.name) not in {("cdc", name) for name in TABLES_OF_THE_PUBLICATION}
    ]


def in_the_words_of_mysql(table: Table) -> Table:
    """The schema `public` is the database `ecomm`; types are compared without the lengths of texts."""
    keys = tuple(
        replace(key, schema=key.schema.replace("public", "ecomm"))
        for key in sorted(table.foreign_keys, key=lambda key: key.name)
    )
    columns = tuple(
        replace(column, source_type="text")
        if LARGER_TYPES.get((table.schema, table.name, column.name)) == column.source_type
        else column
        for column in table.columns
    )
    schema_name = table.schema.replace("public", "ecomm")
    return replace(table, schema=schema_name, columns=columns, foreign_keys=keys)


def test_tables_columns_types_keys_comments_and_allowed_values_are_the_same(
    postgresql: str, shop: RunningMariadb
) -> None:
    theirs = {
        (table.schema, table.name): table
        for table in map(in_the_words_of_mysql, tables_of_postgresql(postgresql, SCHEMAS))
    }
    with connect(shop.url("owner")) as connection:
        ours = {(table.schema, table.name): table for table in read_tables(connection, DATABASES)}
    assert ours.keys() == theirs.keys()
    for place, table in theirs.items():
        assert ours[place].comment == table.comment, place
        assert ours[place].primary_key == table.primary_key, place
        assert ours[place].foreign_keys == table.foreign_keys, place
        for own, their in zip(ours[place].columns, table.columns, strict=True):
            assert own == their, place


def test_the_ods_models_are_the_same_whichever_family_they_are_made_from(
    postgresql: str, shop: RunningMariadb
) -> None:
    from_postgresql = generate(tuple(tables_of_postgresql(postgresql))).files
    from_mysql = generate(catalog.read_catalog(shop.url("app"))).files
    assert from_mysql == from_postgresql


def test_the_models_match_the_tables_of_both(postgresql: str, shop: RunningMariadb) -> None:
    assert compare_with_catalog(catalog.read_catalog(postgresql), PROJECT_ROOT, {}) == []
    noted = compare_with_catalog(catalog.read_catalog(shop.url("owner")), PROJECT_ROOT, {})
    assert [(each.table, each.is_breaking) for each in noted] == [("public.orders", False)], (
        KEYS_THAT_ARE_TRIGGERS
    )


def test_checks_have_the_same_names(postgresql: str, shop: RunningMariadb) -> None:
    with psycopg.connect(postgresql) as connection:
        declared = connection.execute(
            "select replace(connamespace::regnamespace::text, 'public', 'ecomm'), "
            "conrelid::regclass::text, conname from pg_constraint "
            "where contype = 'c' and connamespace::regnamespace::text = any(%s)",
            [list(SCHEMAS)],
        )
        theirs = {(place, table.rpartition(".")[2], name) for place, table, name in declared}
    with connect(shop.url("owner")) as connection:
        clauses = check_clauses(connection, DATABASES)
    ours = {
        place
        for place, clause in clauses.items()
        if not clause.startswith("json_valid(") and not place[2].endswith("_is_boolean")
    }
    finite = {place for place in theirs - ours if place[2].endswith(("_is_number", "_is_finite"))}
    assert len(finite) > 150, "MySQL's types hold neither NaN nor infinity"
    assert theirs - ours - finite == CHECKS_THAT_ARE_TRIGGERS
    assert ours - theirs == set()


def test_every_boolean_holds_only_true_and_false(shop: RunningMariadb) -> None:
    with connect(shop.url("owner")) as connection:
        tables = read_tables(connection, ("ecomm",))
        checks = check_clauses(connection, ("ecomm",))
    for table in tables:
        for column in table.columns:
            if column.source_type == "boolean":
                clause = checks["ecomm", table.name, f"{table.name}_{column.name}_is_boolean"]
                assert clause == f"`{column.name}` in (0,1)"


Keys = dict[tuple[str, str], tuple[str, bool, tuple[str, ...]]]


def keys_of_postgresql(url: str) -> Keys:
    """(schema, key) -> its table, whether it is unique, its columns; primary keys are left out."""
    query = """
        select replace(t.relnamespace::regnamespace::text, 'public', 'ecomm'), i.relname::text,
            t.relname::text, x.indisunique, array(
                select a.attname::text from unnest(x.indkey) with ordinality as k(attnum, position)
                join pg_attribute a on a.attrelid = t.oid and a.attnum = k.attnum order by k.position
            )
        from pg_index x
        join pg_class i on i.oid = x.indexrelid
        join pg_class t on t.oid = x.indrelid
        where t.relnamespace::regnamespace::text = any(%s) and not x.indisprimary
    """
    with psycopg.connect(url) as connection:
        found = connection.execute(query, [list(SCHEMAS)]).fetchall()
    return {(place, name): (table, unique, tuple(columns)) for place, name, table, unique, columns in found}


def test_unique_keys_and_indexes_are_the_same(postgresql: str, shop: RunningMariadb) -> None:
    query = """
        select table_schema, index_name, table_name, non_unique = 0,
            group_concat(column_name order by seq_in_index)
        from information_schema.statistics
        where table_schema in %s and index_name <> 'PRIMARY'
        group by table_schema, index_name, table_name, non_unique
    """
    with connect(shop.url("owner")) as connection:
        found = rows(connection, query, DATABASES)
        foreign_keys = {
            key.name for table in read_tables(connection, DATABASES) for key in table.foreign_keys
        }
    ours = {
        (place, name): (table, bool(unique), tuple(str(columns).split(",")))
        for place, name, table, unique, columns in found
    }
    theirs = keys_of_postgresql(postgresql)
    assert {place: key for place, key in theirs.items() if ours.get(place) != key} == {}
    added = {name for _, name in ours.keys() - theirs.keys()}
    assert added <= foreign_keys, "the server adds an index for a foreign key that has none, of the same name"


def neutral(default: str | None) -> str | None:
    """A default as both would write it."""
    if default is None or default.upper() == "NULL":
        return None
    text = re.sub(r"::[a-z ]+$", "", default).strip("()'`\"").lower()
    text = re.sub(r"^(\d+)\.0+$", r"\1", text)
    spoken = {"current_timestamp(6": "now", "now": "now", "{}": "json_object", "[]": "json_array"}
    return spoken.get(text, {"false": "0", "true": "1"}.get(text, text))


def test_defaults_and_generated_identifiers_are_the_same(postgresql: str, shop: RunningMariadb) -> None:
    query = """
        select replace(table_schema, 'public', 'ecomm'), table_name, column_name,
            case when is_identity = 'YES' then 'generated' else column_default end
        from information_schema.columns where table_schema = any(%s)
    """
    with psycopg.connect(postgresql) as connection:
        found = connection.execute(query, [list(SCHEMAS)]).fetchall()
    theirs = {(place, table, name): neutral(default) for place, table, name, default in found}
    query = """
        select columns.table_schema, columns.table_name, columns.column_name,
            case when extra like '%%auto_increment%%' then 'generated' else column_default end
        from information_schema.columns
        inner join information_schema.tables using (table_schema, table_name)
        where columns.table_schema in %s and table_type = 'BASE TABLE'
    """
    with connect(shop.url("owner")) as mysql:
        ours = {
            (str(place), str(table), str(name)): neutral(None if default is None else str(default))
            for place, table, name, default in rows(mysql, query, DATABASES)
        }
    differences = {
        place: (default, ours.get(place)) for place, default in theirs.items() if ours.get(place) != default
    }
    assert differences == OTHER_DEFAULTS


def test_what_a_delete_takes_along_is_the_same(postgresql: str, shop: RunningMariadb) -> None:
    with psycopg.connect(postgresql) as connection:
        theirs = dict(
            connection.execute(
                "select conname::text, case confdeltype when 'c' then 'CASCADE' else 'RESTRICT' end "
                "from pg_constraint where contype = 'f' and connamespace::regnamespace::text = any(%s)",
                [list(SCHEMAS)],
            ).fetchall()
        )
    query = (
        "select constraint_name, replace(delete_rule, 'NO ACTION', 'RESTRICT') "
        "from information_schema.referential_constraints where constraint_schema in %s"
    )
    with connect(shop.url("owner")) as mysql:
        ours = dict(rows(mysql, query, DATABASES))
    assert theirs.keys() - ours.keys() == KEYS_THAT_ARE_TRIGGERS
    assert ours.items() <= theirs.items()


def test_no_check_is_of_a_kind_that_mysql_refuses_although_mariadb_takes_it(shop: RunningMariadb) -> None:
    """MySQL: no check of a column that a foreign key acts on, or that is generated."""
    query = """
        select uses.constraint_schema, uses.table_name, uses.column_name
        from information_schema.key_column_usage as uses
        inner join information_schema.referential_constraints as rules
            using (constraint_schema, constraint_name, table_name)
        where rules.delete_rule = 'CASCADE' and uses.constraint_schema in %s
        union
        select table_schema, table_name, column_name
        from information_schema.columns
        where extra like '%%auto_increment%%' and table_schema in %s
    """
    with connect(shop.url("owner")) as connection:
        forbidden = rows(connection, query, DATABASES, DATABASES)
        clauses = check_clauses(connection, DATABASES)
    assert len(forbidden) > 20
    for place, table, column in forbidden:
        for (schema_name, table_name, name), clause in clauses.items():
            if (schema_name, table_name) == (place, table):
                assert f"`{column}`" not in clause, name


@pytest.mark.parametrize(
    ("column_type", "is_json", "expected"),
    [
        ("bigint(20)", False, "bigint"),
        ("bigint", False, "bigint"),
        ("int(11)", False, "integer"),
        ("tinyint(1)", False, "boolean"),
        ("decimal(18,2)", False, "numeric(18,2)"),
        ("varchar(255)", False, "text"),
        ("longtext", True, "jsonb"),
        ("json", False, "jsonb"),
        ("timestamp(6)", False, "timestamp with time zone"),
        ("geometry", False, "geometry"),
    ],
)
def test_a_type_is_named_in_postgresqls_words(column_type: str, is_json: bool, expected: str) -> None:
    assert type_in_postgresql(column_type, is_json=is_json) == expected
