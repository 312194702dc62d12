"""What the models predict: before anything is predicted, and then the rows of the last run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.integration.api.conftest import RunningApi
from tradewind.ml.outputs import (
    CUSTOMER_SCORES,
    DEMAND_FORECASTS,
    FRAUD_SCORES,
    OUTPUTS,
    PRODUCT_RECOMMENDATIONS,
    PURCHASE_ORDERS,
    REORDER_PROPOSALS,
    USER_RECOMMENDATIONS,
    Output,
)
from tradewind.serving.api.prediction_tables import PREDICTIONS
from tradewind.serving.api.table import Table
from tradewind.stack.api_keys import Role

pytestmark = pytest.mark.timeout(900)

EARLIER, LATER = date(2026, 11, 29), date(2026, 11, 30)
JUDGED = datetime(2026, 11, 30, 8, tzinfo=UTC)
SESSION = "a visit of now"
ROWS: dict[Output, list[list[Any]]] = {
    FRAUD_SCORES: [
        ["v2", 2, 1, JUDGED, 0.125, 0.5, [], [], "pass"],
        ["v2", 1, 1, JUDGED, 0.9, 5.5, ["card_abroad"], ["card_orders_1h", "amount"], "block"],
    ],
    DEMAND_FORECASTS: [
        ["v1", EARLIER, LATER, 1, 1, 9.0, 9.0, 9.0, 9.0],
        ["v2", LATER, LATER, 1, 1, 2.5, 0.0, 2.0, 6.0],
        ["v2", LATER, LATER, 2, 1, 1.5, 0.0, 1.0, 4.0],
    ],
    REORDER_PROPOSALS: [
        ["v1", EARLIER, 1, 1, 7, 9, True, 60.0, EARLIER, 1.0, 3, 1.0, 8, 7, 20, 20, "Critical"],
        ["v2", LATER, 1, 1, None, 3, True, 60.0, LATER, 0.75, 3, 1.0, 8, 7, 20, 25, "Critical"],
        ["v2", LATER, 2, 1, None, 99, True, 1.0, None, 0.25, 3, 1.0, 8, 7, 20, 0, "None"],
    ],
    PURCHASE_ORDERS: [[LATER, 0, 1, 1, 25, "25.00", "Critical", "proposed"]],
    CUSTOMER_SCORES: [["v2", LATER, 1, 25, 0.9, 0.1, 4.5, 9.0, 100.0, LATER, "best", ["few orders"]]],
    USER_RECOMMENDATIONS: [["v1", EARLIER, 1, [1], [1.0]], ["v2", LATER, 1, [2, 1], [0.75, 0.25]]],
    PRODUCT_RECOMMENDATIONS: [["v2", LATER, 1, [2], [0.5]], ["v2", LATER, 2, [], []]],
}


def test_without_predictions_the_answer_names_the_commands(api: RunningApi) -> None:
    for table in PREDICTIONS:
        answer = api.get(table.path)
        assert answer.status_code == 404, table.path
        assert answer.headers["Content-Type"] == "application/problem+json"
        prediction = table.prediction
        assert prediction
        for command in (f"ml train {prediction.model}`", f"ml predict {prediction.command}`"):
            assert f"`tradewind {command}" in answer.json()["detail"]
    for kind in ("user", "product"):
        answer = api.get(f"/recommendations/{kind}/1")
        assert answer.status_code == 404
        assert "`tradewind ml train recommendations`" in answer.json()["detail"]


@pytest.fixture
def predicted(api: RunningApi) -> Iterator[RunningApi]:
    """The tables as the models create them, with two runs."""
    client = api.warehouse.client()
    for output, rows in ROWS.items():
        client.command(output.create())
        client.insert(output.name, rows, column_names=[name for name, *_ in output.columns])
    yield api
    for output in OUTPUTS:
        client.command(f"drop table {output.name}")


def last_run(api: RunningApi, table: Table) -> list[dict[str, Any]]:
    """Rows of the last run, in the order of the address."""
    assert table.prediction
    run, relation = table.prediction.run, table.relation
    where = f"where {run} = (select max({run}) from {relation})" if run else ""
    answer = api.warehouse.client().query(f"select * from {relation} {where}")
    rows = [dict(zip(answer.column_names, row, strict=True)) for row in answer.result_rows]
    return sorted(
        rows,
        key=lambda row: [row[name] for name in table.order.columns],
        reverse=table.order.is_descending,
    )


def as_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC).isoformat().replace("+00:00", "Z")
    return str(value) if hasattr(value, "isoformat") or hasattr(value, "quantize") else value


def test_predictions_are_shown_as_the_last_run_wrote_them(predicted: RunningApi) -> None:
    for table in PREDICTIONS:
        expected = last_run(predicted, table)
        answer = predicted.get(table.path).json()
        names = table.names.columns if table.names else ()
        shown = [{key: value for key, value in row.items() if key not in names} for row in answer["data"]]
        assert shown == [{key: as_json(value) for key, value in row.items()} for row in expected], table.path
        assert shown and answer["as_of"] == max(row["made_at"] for row in shown)
        assert all(set(names) <= row.keys() for row in answer["data"])
        first = predicted.get(table.path, limit=1).json()
        if first["next_cursor"]:
            rest = predicted.get(table.path, cursor=first["next_cursor"]).json()["data"]
            assert first["data"] + rest == answer["data"]
    [earlier] = predicted.rows("/forecasts/demand", forecast_from=str(EARLIER))
    assert (earlier["model_version"], earlier["expected_quantity"]) == ("v1", 9.0)
    named, unnamed = predicted.rows("/forecasts/demand")
    assert (named["product_name"], named["warehouse_name"]) == ("tea", "Bangkok 1")
    assert unnamed["sku_id"] == 2 and unnamed["sku_code"] is None
    [blocked] = predicted.rows("/fraud/scores", decision="block")
    assert blocked["order_id"] == 1 and blocked["reasons"] == ["card_orders_1h", "amount"]


def test_recommendations_are_those_of_the_last_run_with_names(predicted: RunningApi) -> None:
    answer = predicted.get("/recommendations/user/1").json()
    assert [(row["product_id"], row["score"]) for row in answer["data"]] == [(2, 0.75), (1, 0.25)]
    assert answer["data"][1]["product_name"] == "tea"
    assert (answer["model_version"], answer["recommended_on"]) == ("v2", str(LATER))
    assert answer["based_on_product_id"] is None and answer["as_of"]
    after = predicted.get("/recommendations/product/1", Role.READER).json()
    assert ([row["product_id"] for row in after["data"]], after["based_on_product_id"]) == ([2], 1)
    assert predicted.get("/recommendations/product/2").json()["data"] == []


def test_a_visit_gets_what_follows_the_last_product_that_leads_anywhere(predicted: RunningApi) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    predicted.shop.now = now.replace(tzinfo=None)
    for number, product in ((901, 1), (902, 2)):
        predicted.shop.put(
            "user_events",
            event_id=number,
            event_type="product_view",
            session_id=SESSION,
            platform="web",
            click_count=0,
            user_id=1,
            product_id=product,
            is_bot=False,
            occurred_at=(now - timedelta(seconds=1000 - number)).isoformat(),
        )
    answer = predicted.get(f"/recommendations/session/{SESSION}")
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert ([row["product_id"] for row in found["data"]], found["based_on_product_id"]) == ([2], 1)


def test_what_has_no_recommendations_is_named(predicted: RunningApi) -> None:
    for path, status, named in (
        ("/recommendations/user/99", 404, "user_id 99"),
        ("/recommendations/product/99", 404, "product_id 99"),
        ("/recommendations/session/nobody", 404, "session nobody"),
        ("/recommendations/product/tea", 422, "'tea' is not a number"),
        ("/recommendations/product/1'%20or%201=1", 422, "is not a number"),
        ("/recommendations/seller/1", 422, "kind"),
    ):
        answer = predicted.get(path)
        assert answer.status_code == status and named in answer.json()["detail"], path


def test_rows_of_people_and_the_shops_predictions_keep_to_their_roles(predicted: RunningApi) -> None:
    allowed = {
        "/recommendations/product/1": {Role.READER: 200, Role.SELLER: 403},
        "/recommendations/user/1": {Role.READER: 403, Role.SELLER: 403},
        "/recommendations/session/x": {Role.READER: 403, Role.SELLER: 403},
        "/fraud/scores": {Role.READER: 403, Role.SELLER: 403},
        "/customers/scores": {Role.READER: 403, Role.SELLER: 403},
        "/forecasts/demand": {Role.READER: 200, Role.SELLER: 403},
    }
    for path, expected in allowed.items():
        assert {role: predicted.get(path, role).status_code for role in expected} == expected, path
