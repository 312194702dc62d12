"""What promotions do: demand by price in flash sales, vouchers that raise demand, and limits that hold."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from simulator import parameters
from simulator.history.baskets import Baskets, fill_baskets
from simulator.history.orders import LAZADA
from simulator.history.story import Story
from simulator.plan import DAY
from simulator.world.promotions import demand_per_mille
from tests.unit.simulator.statistics import has_rate, has_shares


@pytest.fixture(scope="module")
def unlimited(medium: Story) -> Baskets:
    """The same orders, had the flash sales no quota: what people want."""
    endless = replace(medium.world.sales, quota=np.full(len(medium.world.sales.quota), 10**6))
    return fill_baskets(
        medium.plan, medium.orders, medium.world.goods, endless, medium.world.rates, medium.attacks
    )


def test_demand_follows_the_price_by_its_elasticity() -> None:
    assert demand_per_mille(0) == 1_000
    for percent in parameters.FLASH_DISCOUNT_PERCENT:
        stated = ((100 - percent) / 100) ** -parameters.PRICE_ELASTICITY
        assert demand_per_mille(percent) == pytest.approx(stated * 1_000, abs=1)


def test_flash_sales_sell_by_price_and_popularity(medium: Story, unlimited: Baskets) -> None:
    """Within each sale window, deeper discounts sell more, by the elasticity."""
    sales, goods = medium.world.sales, medium.world.goods
    sold = np.bincount(unlimited.flash_sale[unlimited.flash_sale >= 0], minlength=len(sales.sku))
    percents = parameters.FLASH_DISCOUNT_PERCENT
    expected, observed = Counter[int](), Counter[int]()
    for starts in np.unique(sales.starts):
        window = np.flatnonzero(sales.starts == starts)
        demand = np.array([demand_per_mille(percent) for percent in sales.percent[window].tolist()])
        month = int(np.datetime64(int(starts), "s").astype("datetime64[M]").astype(int)) % 12 + 1
        weight = goods.seasonal_weights(month)[sales.sku[window]] * demand
        for at, share in zip(window.tolist(), (weight / weight.sum()).tolist(), strict=True):
            expected[int(sales.percent[at])] += share * int(sold[window].sum())
            observed[int(sales.percent[at])] += int(sold[at])
    assert sum(observed.values()) > 300
    assert has_shares(
        [observed[percent] for percent in percents], [expected[percent] for percent in percents]
    )


def test_a_flash_sale_sells_more_than_the_same_goods_did_before(medium: Story, unlimited: Baskets) -> None:
    sales, orders = medium.world.sales, medium.orders
    moment = orders.moment[unlimited.order]
    in_sale = unlimited.flash_sale >= 0
    starts = int(sales.starts[-1])
    on = np.flatnonzero(sales.starts == starts)
    ends = int(sales.ends[on[0]])
    in_window = (moment >= starts) & (moment < ends)
    share_now = (in_window & in_sale).sum() / in_window.sum()
    before = (moment < starts) & (moment > starts - 60 * DAY) & ~in_sale
    share_before = (before & np.isin(unlimited.sku, sales.sku[on])).sum() / before.sum()
    assert share_now > 5 * share_before


def test_no_flash_sale_sells_more_than_its_quota_and_some_sell_out(medium: Story) -> None:
    sales, baskets = medium.world.sales, medium.baskets
    sold = np.zeros(len(sales.sku), dtype=np.int64)
    in_sale = baskets.flash_sale >= 0
    np.add.at(sold, baskets.flash_sale[in_sale], baskets.quantity[in_sale])
    assert (sold <= sales.quota).all()
    assert (sold == sales.quota).any()


def test_flash_goods_cost_the_sale_price_in_the_orders_currency(medium: Story) -> None:
    baskets, orders, sales = medium.baskets, medium.orders, medium.world.sales
    lines = np.flatnonzero(baskets.flash_sale >= 0)
    order = baskets.order[lines]
    price = medium.world.rates.from_catalogue(
        sales.price[baskets.flash_sale[lines]], orders.country[order], orders.moment[order]
    )
    assert (baskets.unit_price[lines] == price).all()
    assert (baskets.sku[lines] == sales.sku[baskets.flash_sale[lines]]).all()
    assert (orders.moment[order] >= sales.starts[baskets.flash_sale[lines]]).all()
    assert (orders.moment[order] < sales.ends[baskets.flash_sale[lines]]).all()


def test_vouchers_keep_their_limits_times_currencies_and_least_amounts(medium: Story) -> None:
    vouchers, orders, bills = medium.world.vouchers, medium.orders, medium.bills
    used = np.flatnonzero(bills.voucher >= 0)
    at = bills.voucher[used]
    assert (np.bincount(at, minlength=len(vouchers.limit)) <= vouchers.limit).all()
    assert max(Counter(zip(at.tolist(), orders.user[used].tolist(), strict=True)).values()) == 1
    assert (orders.country[used] == vouchers.country[at]).all()
    assert (orders.moment[used] >= vouchers.starts[at]).all() and (
        orders.moment[used] < vouchers.ends[at]
    ).all()
    assert (bills.subtotal[used] >= vouchers.least_order[at]).all()
    assert (orders.channel[used] < LAZADA).all()


def test_a_voucher_is_taken_by_the_stated_part_of_those_it_fits(medium: Story) -> None:
    """Among buyers to whom just one order offers the voucher, of vouchers that are not used up."""
    vouchers, orders, bills = medium.world.vouchers, medium.orders, medium.bills
    open_to = ~orders.is_settled_elsewhere & ~orders.is_test & (orders.attack_order < 0)
    taken = offered = 0
    for at in range(len(vouchers.kind)):
        if (bills.voucher == at).sum() >= vouchers.limit[at]:
            continue
        fits = (
            open_to & (orders.country == vouchers.country[at]) & (bills.subtotal >= vouchers.least_order[at])
        )
        fits &= (orders.moment >= vouchers.starts[at]) & (orders.moment < vouchers.ends[at])
        fits &= (bills.voucher == at) | (bills.voucher < 0)
        users, counts = np.unique(orders.user[fits], return_counts=True)
        once = fits & np.isin(orders.user, users[counts == 1])
        offered += int(once.sum())
        taken += int((bills.voucher[once] == at).sum())
    assert offered > 1_000
    assert taken / offered == pytest.approx(parameters.VOUCHER_TAKE_RATE, abs=0.05)


def test_orders_rise_while_a_voucher_runs(medium: Story) -> None:
    """Thai orders on channels that take vouchers, against those that do not, in and out of voucher days."""
    uplift = medium.world.ours.uplift
    assert uplift is not None
    orders, plan = medium.orders, medium.plan
    thai = (orders.country == 0) & (orders.attack_order < 0) & ~orders.is_test
    running = uplift[0, np.minimum(orders.day(plan), plan.days - 1)] > 1_000
    factor = int(uplift[0].max()) / 1_000
    assert 1.03 < factor < 1.2
    days = uplift[0] > 1_000
    base = medium.world.theirs.weights(0).reshape(-1, 24).sum(axis=1)
    recent = orders.is_own & (orders.day(plan) >= plan.clickstream_day)
    ours = thai & ~orders.is_settled_elsewhere & ~orders.is_own
    assert not (ours & recent).any()
    share = factor * base[days].sum() / (factor * base[days].sum() + base[~days].sum())
    assert has_rate(int((ours & running).sum()), int(ours.sum()), float(share))


def test_campaigns_spend_by_clicks_and_clicks_by_impressions(medium: Story) -> None:
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
