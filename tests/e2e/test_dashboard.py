"""The dashboard in a real browser: it shows the marts' figures, follows the shop, and can be used by all."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.dashboard import PATIENCE_MS, Dashboard, check, equal
from tests.e2e.orders import CITY, order_placed
from tests.fixtures.predictions import LATER, written
from tests.fixtures.stack import Stack
from tests.fixtures.web import Web
from tradewind.ml.outputs import PRODUCT_RECOMMENDATIONS
from tradewind.serving.alerts import published

TABS = ("overview", "products", "customers", "marketing", "operations", "sellers", "risk", "quality")
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
COHORTS = "Buyers who come back, by month of the first order"
RETURNS = "delivery_month, department, category"
ENTRIES = (
    "(select * from ads.ads_seller_settlement as entries "
    "left join (select seller_id, seller_name from ads.ads_seller_scorecard) as sellers using (seller_id))"
)
NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
LIVE = {"gmv": "GMV", "order_count": "Orders", "unique_buyers": "Buyers", "revenue": "Revenue"}


@pytest.fixture(scope="module")
def dashboard(stack: Stack, page: Page) -> Dashboard:
    """Logged in by a one-time link."""
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    page.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    page.goto(stack.tradewind("open", "--print").stdout.strip())
    opened = Dashboard(page, stack, stack.urls["API_URL"].rstrip("/"))
    opened.wait()
    return opened


def last_day(dashboard: Dashboard) -> date:
    """The last day with orders that is over."""
    [[day]] = dashboard.query("select max(order_date) from ads.ads_daily_gmv where order_date < today() - 1")
    assert isinstance(day, date)
    return day


def wait_until_equal(dashboard: Dashboard, sql: str, group: str, labels: Iterable[str]) -> None:
    """Until the cards show the values of the statement's one row, which may change meanwhile."""
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while True:
        [values] = dashboard.query(sql)
        shown = [dashboard.card(group, label) for label in labels]
        if shown == list(map(str, values)):
            return
        assert time.monotonic() < deadline, (shown, values)
        time.sleep(0.2)


def test_the_overview_shows_the_period_as_the_marts_have_it(dashboard: Dashboard) -> None:
    end = last_day(dashboard)
    start = end - timedelta(days=89)
    dashboard.open("overview", **{"from": str(start), "to": str(end)})
    period = f"between '{start}' and '{end}'"
    [[gmv, orders, placed, cancelled]] = dashboard.query(
        "select sum(gmv), sum(order_count), sum(placed_order_count), sum(cancelled_order_count) "
        f"from ads.ads_daily_gmv where order_date {period}"
    )
    [[revenue]] = dashboard.query(
        f"select sum(total_revenue) from ads.ads_revenue_daily where event_date {period}"
    )
    assert gmv > 0
    assert dashboard.card("In the period", "GMV") == str(gmv)
    assert dashboard.card("In the period", "Orders") == str(orders)
    assert dashboard.card("In the period", "Revenue") == str(revenue)
    assert float(dashboard.card("In the period", "Cancellation rate")) == pytest.approx(cancelled / placed)
    rows, shown = dashboard.table("GMV")
    by_day = {
        str(day): str(gmv) for day, gmv in dashboard.query("select order_date, gmv from ads.ads_daily_gmv")
    }
    assert len(rows) == 90 and len({row["gmv"] for row in rows}) > 1
    assert [row["gmv"] for row in rows] == [by_day.get(row["day"], "0.00") for row in rows]
    assert [figures[1] for figures in shown] == [row["gmv"] for row in rows]


def test_an_order_appears_in_the_ticker_and_in_todays_figures(dashboard: Dashboard) -> None:
    dashboard.open("overview")
    expect(dashboard.panel("Live orders")).to_contain_text("Connected")
    before = dashboard.card("Today so far", "Orders")
    with order_placed(dashboard.stack) as order_id:
        line = dashboard.page.locator(f'li[data-order="{order_id}"]')
        line.wait_for()
        expect(line).to_contain_text(CITY)
        [[amount]] = dashboard.query(
            f"select total_amount from rt.rt_live_orders where order_id = {order_id}"
        )
        assert line.locator("data").get_attribute("value") == str(amount)
        orders = dashboard.card_of("Today so far", "Orders").locator("data")
        expect(orders).not_to_have_attribute("value", before)
        columns = ", ".join(f"{name}_today" for name in LIVE)
        wait_until_equal(dashboard, f"select {columns} from rt.v_live_kpi", "Today so far", LIVE.values())


def test_products_show_what_the_marts_have(dashboard: Dashboard) -> None:
    dashboard.open("products")
    check(dashboard, "Product performance", "ads.ads_product_performance", "gmv_rank, product_id", limit=25)
    since = f"{last_day(dashboard) - timedelta(days=365):%Y-%m-01}"
    check(
        dashboard,
        "Category trends",
        f"ads.ads_category_trends where month_start_date >= '{since}'",
        "month_start_date, department, category",
        limit=1000,
    )
    end = last_day(dashboard)
    start = end - timedelta(days=364)
    dashboard.open("products", **{"from": str(start), "to": str(end)})
    rows, shown = dashboard.table("Contribution margin: top 10 products")
    expected = dashboard.query(
        "select product_name, sum(contribution_margin) as margin from ads.ads_contribution_margin as lines "
        "inner join ads.ads_product_performance as products using (product_id) "
        f"where order_date between '{start}' and '{end}' and contribution_margin is not null "
        "group by product_name order by margin desc limit 10"
    )
    assert [row["contribution_margin"] for row in rows] == [str(margin) for _, margin in expected]
    assert [figures[1] for figures in shown] == [row["contribution_margin"] for row in rows]
    months = f"delivery_month between '{start:%Y-%m-01}' and '{end}'"
    check(
        dashboard,
        "Returns by category",
        f"ads.ads_returns where {months}",
        RETURNS,
        limit=500,
        may_be_empty=True,
    )


def test_customers_show_what_the_marts_have(dashboard: Dashboard) -> None:
    dashboard.open("customers")
    check(dashboard, "Customers", "ads.ads_customer_rfm", "user_id", limit=25)
    rows, shown = dashboard.table("RFM segments")
    expected = dashboard.query(
        "select rfm_segment, count(), sum(gmv) from ads.ads_customer_rfm "
        "where order_count > 0 group by rfm_segment"
    )
    found = {(row["rfm_segment"], row["unique_buyers"], row["order_gmv"]) for row in rows}
    assert found == {tuple(map(str, row)) for row in expected}
    assert [figures[1] for figures in shown] == [row["unique_buyers"] for row in rows]
    check(dashboard, COHORTS, "ads.ads_cohort_retention", "cohort_month, order_month")
    at_risk = "ads.ads_customer_churn where churn_status = 'at_risk'"
    check(dashboard, "Signs of leaving", at_risk, "user_id", limit=25)
    [[value]] = dashboard.query(
        "select toFloat64(sum(contribution_margin)) / count() from ads.ads_customer_ltv"
    )
    assert float(dashboard.card("All time", "Lifetime value per buyer")) == pytest.approx(value, abs=0.006)


def test_operations_show_what_the_marts_have(dashboard: Dashboard) -> None:
    dashboard.open("operations")
    labels = ("Stock alerts", "Below safety stock", "Stuck orders")
    counts = (
        "select count(), countIf(is_below_safety_stock), (select count() from rt.rt_stuck_orders) "
        "from rt.rt_stock_alerts"
    )
    wait_until_equal(dashboard, counts, "Live", labels)
    dashboard.page.get_by_label("Which stock").select_option("all")
    dashboard.wait()
    check(
        dashboard,
        "Stock health",
        "ads.ads_inventory_health",
        "sku_id, warehouse_id",
        limit=25,
        may_be_empty=True,
    )
    end = last_day(dashboard)
    start = end - timedelta(days=89)
    dashboard.open("operations", **{"from": str(start), "to": str(end)})
    rows, _ = dashboard.table("Parcels by carrier")
    expected = dashboard.query(
        "select carrier, sum(shipment_count) from ads.ads_shipping_sla "
        f"where shipped_date between '{start}' and '{end}' group by carrier"
    )
    assert rows and {(row["carrier"], row["shipment_count"]) for row in rows} == {
        (carrier, str(count)) for carrier, count in expected
    }


def test_alerts_are_shown_with_who_looks_after_them(dashboard: Dashboard) -> None:
    """As `ops.alerts` has them; an alert of our own among them, which nobody else changes."""
    client = dashboard.stack.warehouse()
    columns = list(published.COLUMNS)
    alert = [
        "no_purchases",
        "test",
        "critical",
        "firing",
        0.0,
        4.5,
        NOW,
        NOW,
        None,
        "anna",
        datetime.now(UTC),
    ]
    with closing(client):
        client.insert(published.TABLE, [alert], column_names=columns)
        try:
            dashboard.open("operations")
            acknowledged = dashboard.panel("Alerts").get_by_text("anna")
            acknowledged.first.wait_for()  # an answer from before is shown until the next one
            rows, shown = dashboard.table("Alerts")
            [index] = [index for index, row in enumerate(rows) if row["subject"] == "test"]
            found = [rows[index][name] for name in ("rule", "severity", "acknowledged_by")]
            assert found == ["no_purchases", "critical", "anna"]
            assert {"0", "4.5"} <= set(shown[index])
            dashboard.page.get_by_role("button", name=re.compile(r"^Alerts: [1-9]")).click()
            opened = dashboard.page.get_by_role("dialog", name="Alerts")
            opened.get_by_text("anna").wait_for()
            opened.get_by_role("button", name="Close").click()
        finally:
            over = [*alert[:3], "resolved", *alert[4:8], NOW, "anna", datetime.now(UTC)]
            client.insert(published.TABLE, [over], column_names=columns)
    dashboard.open("operations")
    expect(acknowledged).to_have_count(0)
    rows, _ = dashboard.table("Alerts")
    assert "test" not in [row["subject"] for row in rows]


def test_sellers_show_what_the_marts_have(dashboard: Dashboard) -> None:
    dashboard.open("sellers")
    check(dashboard, "Seller scorecard", "ads.ads_seller_scorecard", "gmv_rank, seller_id", limit=100)
    end = last_day(dashboard)
    start = end - timedelta(days=364)
    dashboard.open("sellers", **{"from": str(start), "to": str(end)})
    check(
        dashboard,
        "Settlement",
        f"{ENTRIES} where entry_date between '{start}' and '{end}'",
        "entry_date desc, entry_id desc",
        limit=50,
    )
    check(
        dashboard,
        "Payments from gateways and marketplaces",
        f"ads.ads_payment_reconciliation where claim_date between '{start}' and '{end}'",
        "claim_date desc, claim_id desc",
        limit=50,
        may_be_empty=True,
    )


def test_marketing_shows_what_the_marts_have(dashboard: Dashboard) -> None:
    end = last_day(dashboard)
    start = end - timedelta(days=89)
    dashboard.open("marketing", **{"from": str(start), "to": str(end)})
    check(dashboard, "Vouchers", "ads.ads_voucher_effect", "voucher_id desc", may_be_empty=True)
    check(dashboard, "Results of flash sales", "ads.ads_flash_sale", "flash_sale_id desc", may_be_empty=True)
    check(
        dashboard,
        "Margin by channel and month",
        "ads.ads_contribution_margin_by_channel",
        "month_start_date desc, channel desc",
    )
    period = f"attribution_model = 'last_non_direct' and event_date between '{start}' and '{end}'"
    expected = dashboard.query(
        "select traffic_channel, sum(gmv) as total, sum(ad_spend) from ads.ads_attribution "
        f"where {period} group by traffic_channel order by total desc"
    )
    rows, shown = dashboard.table("GMV by traffic channel")
    found = {(row["traffic_channel"], row["attributed_gmv"], row["ad_spend"]) for row in rows}
    assert rows and found == {tuple(map(str, row)) for row in expected}
    assert [figures[1] for figures in shown] == [row["attributed_gmv"] for row in rows]
    spent = sum(spend for *_, spend in expected)
    assert dashboard.card("In the period", "Advertising") == str(spent)
    [[margin]] = dashboard.query(
        "select sum(contribution_margin) from ads.ads_contribution_margin "
        f"where order_date between '{start}' and '{end}'"
    )
    assert equal(dashboard.card("In the period", "Contribution margin"), margin)


def test_what_is_not_predicted_yet_says_what_to_run(dashboard: Dashboard) -> None:
    for tab, panels, model in (
        ("risk", ("Fraud queue",), "fraud"),
        ("operations", ("Demand forecast", "Reorder proposals"), "demand"),
        ("products", ("Recommended after a product",), "recommendations"),
    ):
        dashboard.open(tab)
        for panel in panels:
            expect(dashboard.panel(panel)).to_contain_text("There is nothing to show yet.")
            command = dashboard.panel(panel).locator("code").first
            expect(command).to_have_text(f"tradewind ml train {model}")


def test_predictions_are_shown_as_they_were_written(dashboard: Dashboard) -> None:
    products = [
        product
        for (product,) in dashboard.query(
            "select product_id from ads.ads_product_performance order by gmv_rank, product_id limit 3"
        )
    ]
    client = dashboard.stack.warehouse()
    with closing(client), written(client):
        best, *others = products
        client.insert(PRODUCT_RECOMMENDATIONS.name, [["v2", LATER, best, others, [0.75, 0.25], NOW]])
        dashboard.open("products")
        rows, _ = dashboard.table("Recommended after a product")
        assert [(row["product_id"], row["score"]) for row in rows] == [
            (str(others[0]), "0.75"),
            (str(others[1]), "0.25"),
        ]
        dashboard.open("operations")
        rows, _ = dashboard.table("Demand forecast")
        assert [(row["forecast_date"], row["expected_quantity"], row["quantity_p95"]) for row in rows] == [
            (str(LATER), "2.5", "6")
        ]
        rows, shown = dashboard.table("Reorder proposals")
        assert [(row["priority"], row["order_quantity"]) for row in rows] == [
            ("Critical", "25"),
            ("None", "0"),
        ]
        assert [figures[-1] for figures in shown] == ["25", "0"]
        dashboard.open("customers")
        check(dashboard, "Expected value and churn", "ml.customer_scores", "user_id", limit=25)
        dashboard.open("risk")
        check(dashboard, "Fraud queue", "ml.fraud_scores where decision != 'pass'", "score desc, order_id")
        assert dashboard.card("To look at", "Orders to block") == "1"
        dashboard.page.get_by_role("button", name="All rows of Order 1").click()
        dashboard.page.get_by_role("dialog", name="Lines of order 1").wait_for()


def test_quality_shows_what_the_checks_found(dashboard: Dashboard) -> None:
    dashboard.open("quality")
    check(dashboard, "Rows set aside", "ads.ads_mart_status", "mart")
    rows, _ = dashboard.table("Checks")
    expected = dashboard.query("select check_name, status from ops.check_results final")
    assert {(row["check_name"], row["status"]) for row in rows} == set(expected) and rows


def test_the_period_and_the_filters_stand_in_the_address(dashboard: Dashboard) -> None:
    day = last_day(dashboard)
    dashboard.open("overview")
    page = dashboard.page
    page.get_by_label("From", exact=True).fill(str(day))
    page.wait_for_url(re.compile(f"from={day}"))
    page.get_by_label("To", exact=True).fill(str(day))
    page.wait_for_url(re.compile(f"from={day}&to={day}"))
    dashboard.wait()
    [[gmv]] = dashboard.query(f"select gmv from ads.ads_daily_gmv where order_date = '{day}'")
    card = dashboard.card_of("In the period", "GMV").locator("data")
    expect(card).to_have_attribute("value", str(gmv))
    dashboard.open("overview", **{"from": str(day), "to": str(day), "country": "XX"})
    assert dashboard.card("In the period", "Orders") == "0"
    page.get_by_label("Country", exact=True).select_option("")
    expect(card).to_have_attribute("value", str(gmv))
    assert "country" not in page.url
    page.get_by_role("link", name="Sellers").click()
    page.wait_for_url(re.compile("tab=sellers"))
    assert f"from={day}" in page.url


def test_a_card_opens_its_rows_and_the_back_button_closes_them(dashboard: Dashboard) -> None:
    dashboard.open("customers")
    page = dashboard.page
    dashboard.card_of("All time", "Buyers").click()
    rows = page.get_by_role("dialog", name="Customers")
    rows.get_by_text("First 100 rows").wait_for()
    rows.get_by_role("button", name="Load more").click()
    rows.get_by_text("First 200 rows").wait_for()
    page.keyboard.press("Escape")
    expect(rows).to_have_count(0)
    assert "rows=" not in page.url
    page.go_back()
    rows.wait_for()
    page.go_back()
    expect(rows).to_have_count(0)


def test_a_stopped_capture_is_named_in_a_banner_until_it_goes_on(dashboard: Dashboard) -> None:
    dashboard.open("overview")
    banner = dashboard.page.get_by_text("The capture has fallen behind the shop")
    expect(banner).to_have_count(0, timeout=PATIENCE_MS)
    pid = dashboard.stack.services()["capture"]["pid"]
    os.kill(pid, signal.SIGSTOP)
    try:
        banner.wait_for()
    finally:
        os.kill(pid, signal.SIGCONT)
    expect(banner).to_have_count(0, timeout=PATIENCE_MS)


def violations(page: Page, *rules: str) -> list[Any]:
    """What axe finds by these rules, or by all; with the first element of each."""
    found: list[Any] = page.evaluate(
        "async rules => (await axe.run(rules.length ? {runOnly: rules} : {}))"
        ".violations.map(v => [v.id, v.nodes[0].html])",
        list(rules),
    )
    return found


def test_every_tab_is_accessible_and_fits_a_phone(dashboard: Dashboard, web: Web) -> None:
    page = dashboard.page
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.emulate_media(reduced_motion="reduce")
    try:
        for tab in TABS:
            dashboard.open(tab)
            page.evaluate(web.installed("axe-core/axe.min.js").read_text())
            assert violations(page) == [], (tab, "light")
            page.evaluate("document.documentElement.classList.add('dark')")
            assert violations(page, "color-contrast") == [], (tab, "dark")  # all else is the same in the dark
            assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"], tab
    finally:
        page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]


def test_without_a_session_nothing_is_shown(dashboard: Dashboard) -> None:
    browser = dashboard.page.context.browser
    assert browser
    context = browser.new_context()
    try:
        stranger = context.new_page()
        stranger.goto(dashboard.url, timeout=PATIENCE_MS)
        stranger.get_by_role("heading", name="Log in").wait_for()
        assert stranger.locator("data").count() == 0
    finally:
        context.close()
