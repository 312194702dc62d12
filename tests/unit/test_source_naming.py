"""Names of a source table on its way, and the tables whose names collide."""

from __future__ import annotations

import pytest

from connectors.bronze.routing import Router, source_fields
from tradewind.source.naming import TableName, assign


def public(name: str) -> TableName:
    return TableName("public", name)


@pytest.mark.parametrize(
    ("table", "log_name", "model_name"),
    [
        (public("orders"), "orders", "ods_orders"),
        (public("user events"), "user_events", "ods_user_events"),
        (public("order-archive"), "order-archive", "ods_order_archive"),
        (public("bücher"), "b_cher", "ods_b_cher"),
        (public("🛒"), "__", "ods__"),
        (public("Orders"), "Orders", "ods_Orders"),
        (TableName("sales", "orders"), "sales.orders", "ods_sales__orders"),
        (TableName("cdc", "signal"), "cdc.signal", "ods_cdc__signal"),
    ],
)
def test_a_table_has_a_log_and_a_model(table: TableName, log_name: str, model_name: str) -> None:
    assert (table.log_name, table.topic, table.model_name) == (log_name, f"ecomm.cdc.{log_name}", model_name)


def test_a_name_reads_as_in_sql() -> None:
    assert str(TableName("public", 'say "hi"')) == 'public."say ""hi"""'
    assert str(public("orders")) == "public.orders"


@pytest.mark.parametrize(
    ("exact", "other"),
    [
        (public("user_events"), public("user events")),
        (public("orders"), public("Orders")),
        (public("sales_orders"), TableName("sales", "orders")),
    ],
)
def test_of_colliding_tables_the_one_that_came_first_is_captured(exact: TableName, other: TableName) -> None:
    for owner, refused in ((exact, other), (other, exact)):
        assignment = assign([exact, other], {owner.collision_key: owner})
        assert assignment.captured == {owner}
        assert set(assignment.refused) == {refused}
        assert str(owner) in assignment.refused[refused]
        assert f"source exclude '{refused}'" in assignment.refused[refused]


def test_without_an_owner_the_table_of_exactly_that_name_is_captured() -> None:
    assert assign([public("user events"), public("user_events")], {}).captured == {public("user_events")}


def test_without_an_exact_name_none_is_captured() -> None:
    assignment = assign([public("user events"), public("user:events")], {})
    assert assignment.captured == set()
    assert set(assignment.refused) == {public("user events"), public("user:events")}


def test_a_refused_table_alone_with_a_log_of_another_stays_refused() -> None:
    owner = public("user_events")
    assert set(assign([public("user events")], {owner.collision_key: owner}).refused) == {
        public("user events")
    }


def event(schema: str, table: str, after: str = "{}") -> bytes:
    source = (
        f'{{"version":"3","db":"x","sequence":"[]","schema":"{schema}","table":"{table}","txId":7,"lsn":1}}'
    )
    return f'{{"before":null,"after":{after},"source":{source},"transaction":null,"op":"c"}}'.encode()


@pytest.mark.parametrize(
    "after",
    [
        '{"source":{"schema":"public","table":"orders","txId":1}}',
        '{"note":"\\"source\\":{\\"schema\\":\\"public\\",\\"table\\":\\"orders\\",\\"txId\\":"}',
        '{"schema":"public","table":"orders","txId":3}',
    ],
)
def test_no_value_of_a_row_can_take_the_place_of_its_table(after: str) -> None:
    assert source_fields(event("public", "user events", after)) == b'"schema":"public","table":"user events"'


def test_an_event_goes_to_the_log_of_the_table_it_names() -> None:
    router = Router()
    router.assign([public("user_events")])
    route = router.route(event("public", "user_events"))
    assert route is not None and str(route.log) == "bronze.`user_events`"
    assert router.route(event("public", "user events")) is None
    assert set(router.refused) == {public("user events")}
    signal = router.route(event("cdc", "signal"))
    assert signal is not None and str(signal.log) == "ops.`signal`"
    own = router.route(event("public", "signal"))
    assert own is not None and str(own.log) == "bronze.`signal`"
    assert router.route(b'{"ts_ms":1}') is None
