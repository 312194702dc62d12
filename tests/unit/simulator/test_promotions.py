"""What promotions do: demand by price in flash sales, vouchers that raise demand, and limits that hold."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from simulator import parameters
from simulator.history.generate import History
from simulator.history.order_lines import OrderLines, draw_order_lines
from simulator.history.orders import LAZADA
from simulator.plan import DAY
from simulator.world.promotions import demand_per_mille
from tests.unit.simulator.statistics import has_rate, has_shares


@pytest.fixture(scope="module")
def unlimited(medium: History) -> OrderLines:
    """The same orders, had the flash sales no quota: what people want."""
    endless = replace(medium.world.flash_sales, quota=np.full(len(medium.world.flash_sales.quota), 10**6))
    return draw_order_lines(
        medium.plan, medium.orders, medium.world.catalogue, endless, medium.world.rates, medium.attacks
    )


def test_demand_follows_the_price_by_its_elasticity() -> None:
    assert demand_per_mille(0) == 1_000
    for percent in parameters.FLASH_DISCOUNT_PERCENT:
        stated = ((100 - percent) / 100) ** -parameters.PRICE_ELASTICITY
        assert demand_per_mille(percent) == pytest.approx(stated * 1_000, abs=1)


def test_flash_sales_sell_by_price_and_popularity(medium: History, unlimited: OrderLines) -> None:
    """Within each sale window, deeper discounts sell more, by the elasticity."""
    flash_sales, catalogue = medium.world.flash_sales, medium.world.catalogue
    sold = np.bincount(unlimited.flash_sale[unlimited.flash_sale >= 0], minlength=len(flash_sales.sku))
    percents = parameters.FLASH_DISCOUNT_PERCENT
    expected, observed = Counter[int](), Counter[int]()
    for starts in np.unique(flash_sales.starts):
        window = np.flatnonzero(flash_sales.starts == starts)
        demand = np.array([demand_per_mille(percent) for percent in flash_sales.percent[window].tolist()])
        month = int(np.datetime64(int(starts), "s").astype("datetime64[M]").astype(int)) % 12 + 1
        weight = catalogue.seasonal_weights(month)[flash_sales.sku[window]] * demand
        for at, share in zip(window.tolist(), (weight / weight.sum()).tolist(), strict=True):
            expected[int(flash_sales.percent[at])] += share * int(sold[window].sum())
            observed[int(flash_sales.percent[at])] += int(sold[at])
    assert sum(observed.values()) > 300
    assert has_shares(
        [observed[percent] for percent in percents], [expected[percent] for percent in percents]
    )


def test_a_flash_sale_sells_more_than_the_same_goods_did_before(
    medium: History, unlimited: OrderLines
) -> None:
    flash_sales, orders = medium.world.flash_sales, medium.orders
    moment = orders.moment[unlimited.order]
    in_sale = unlimited.flash_sale >= 0
    starts = int(flash_sales.starts[-1])
    on = np.flatnonzero(flash_sales.starts == starts)
    ends = int(flash_sales.ends[on[0]])
    in_window = (moment >= starts) & (moment < ends)
    share_now = (in_window & in_sale).sum() / in_window.sum()
    before = (moment < starts) & (moment > starts - 60 * DAY) & ~in_sale
    share_before = (before & np.isin(unlimited.sku, flash_sales.sku[on])).sum() / before.sum()
    assert share_now > 5 * share_before


def test_no_flash_sale_sells_more_than_its_quota_and_some_sell_out(medium: History) -> None:
    flash_sales, order_lines = medium.world.flash_sales, medium.order_lines
    sold = np.zeros(len(flash_sales.sku), dtype=np.int64)
    in_sale = order_lines.flash_sale >= 0
    np.add.at(sold, order_lines.flash_sale[in_sale], order_lines.quantity[in_sale])
    assert (sold <= flash_sales.quota).all()
    assert (sold == flash_sales.quota).any()


def test_flash_goods_cost_the_sale_price_in_the_orders_currency(medium: History) -> None:
    order_lines, orders, flash_sales = medium.order_lines, medium.orders, medium.world.flash_sales
    lines = np.flatnonzero(order_lines.flash_sale >= 0)
    order = order_lines.order[lines]
    price = medium.world.rates.from_catalogue(
        flash_sales.price[order_lines.flash_sale[lines]], orders.country[order], orders.moment[order]
    )
    assert (order_lines.unit_price[lines] == price).all()
    assert (order_lines.sku[lines] == flash_sales.sku[order_lines.flash_sale[lines]]).all()
    assert (orders.moment[order] >= flash_sales.starts[order_lines.flash_sale[lines]]).all()
    assert (orders.moment[order] < flash_sales.ends[order_lines.flash_sale[lines]]).all()


def test_vouchers_keep_their_limits_times_currencies_and_least_amounts(medium: History) -> None:
    vouchers, orders, amounts = medium.world.vouchers, medium.orders, medium.amounts
    used = np.flatnonzero(amounts.voucher >= 0)
    at = amounts.voucher[used]
    assert (np.bincount(at, minlength=len(vouchers.limit)) <= vouchers.limit).all()
    assert max(Counter(zip(at.tolist(), orders.user[used].tolist(), strict=True)).values()) == 1
    assert (orders.country[used] == vouchers.country[at]).all()
    assert (orders.moment[used] >= vouchers.starts[at]).all() and (
        orders.moment[used] < vouchers.ends[at]
    ).all()
    assert (amounts.subtotal[used] >= vouchers.least_order[at]).all()
    assert (orders.channel[used] < LAZADA).all()


def test_a_voucher_is_taken_by_the_stated_part_of_those_it_fits(medium: History) -> None:
    """Among buyers to whom just one order offers the voucher, of vouchers that are not used up."""
    vouchers, orders, amounts = medium.world.vouchers, medium.orders, medium.amounts
    open_to = ~orders.is_settled_elsewhere & ~orders.is_test & (orders.attack_order < 0)
    taken = offered = 0
    for at in range(len(vouchers.kind)):
        if (amounts.voucher == at).sum() >= vouchers.limit[at]:
            continue
        fits = (
            open_to
            & (orders.country == vouchers.country[at])
            & (amounts.subtotal >= vouchers.least_order[at])
        )
        fits &= (orders.moment >= vouchers.starts[at]) & (orders.moment < vouchers.ends[at])
        fits &= (amounts.voucher == at) | (amounts.voucher < 0)
        users, counts = np.unique(orders.user[fits], return_counts=True)
        once = fits & np.isin(orders.user, users[counts == 1])
        offered += int(once.sum())
        taken += int((amounts.voucher[once] == at).sum())
    assert offered > 1_000
    assert taken / offered == pytest.approx(parameters.VOUCHER_TAKE_RATE, abs=0.05)


def test_orders_rise_while_a_voucher_runs(medium: History) -> None:
    """Thai orders on channels that take vouchers, against those that do not, in and out of voucher days."""
    uplift = medium.world.traffic_with_vouchers.uplift
    assert uplift is not None
    orders, plan = medium.orders, medium.plan
    thai = (orders.country == 0) & (orders.attack_order < 0) & ~orders.is_test
    running = uplift[0, np.minimum(orders.day(plan), plan.days - 1)] > 1_000
    factor = int(uplift[0].max()) / 1_000
    assert 1.03 < factor < 1.2
    days = uplift[0] > 1_000
    base = medium.world.base_traffic.weights(0).reshape(-1, 24).sum(axis=1)
    recent = orders.is_own & (orders.day(plan) >= plan.clickstream_day)
    shopee = thai & ~orders.is_settled_elsewhere & ~orders.is_own
    assert not (shopee & recent).any()
    share = factor * base[days].sum() / (factor * base[days].sum() + base[~days].sum())
    assert has_rate(int((shopee & running).sum()), int(shopee.sum()), float(share))


def test_campaigns_spend_by_clicks_and_clicks_by_impressions(medium: History) -> None:
    from simulator.world.campaigns import TYPES, campaign_spend

    table = campaign_spend(medium.plan, medium.world.campaigns)
    clicks = table["click_count"].to_numpy()
    seen = table["impression_count"].to_numpy()
    spent = np.array([float(amount) for amount in table["spend_amount"].to_pylist()])
    assert spent.sum() / clicks.sum() == pytest.approx(parameters.COST_PER_CLICK, rel=0.05)
    kind = medium.world.campaigns.kind[table["campaign_id"].to_numpy() - 1]
    for number, name in enumerate(TYPES):
        if (kind == number).any():
            rate = clicks[kind == number].sum() / seen[kind == number].sum()
            assert rate == pytest.approx(parameters.CLICK_THROUGH_RATE[name], rel=0.01)
