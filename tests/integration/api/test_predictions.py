"""What the models predict: before anything is predicted, and then the rows of the last run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.fixtures.predictions import EARLIER, LATER, written
from tests.integration.api.conftest import RunningApi
from tradewind.serving.api.prediction_tables import PREDICTIONS
from tradewind.serving.api.table import Table
from tradewind.stack.api_keys import Role

pytestmark = pytest.mark.timeout(900)

SESSION = "a visit of now"


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
    """Two runs of each model."""
    with written(api.warehouse.client()):
        yield api


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
        names = table.added_columns
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
