"""Money: exact in every currency, from the line to the order, and never more back than came in."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from simulator import parameters
from simulator.history.generate import History
from simulator.history.returns import order_returns
from simulator.history.tables import all_tables
from simulator.world.catalogue import CATEGORIES
from simulator.world.rates import CURRENCIES, fx_rates
from tests.unit.simulator.statistics import has_rate, has_shares

COUNTRIES = list(parameters.COUNTRIES.values())


def test_an_orders_total_is_items_less_discounts_plus_shipping_and_tax(medium: History) -> None:
    amounts, order_lines = medium.amounts, medium.order_lines
    assert (amounts.total == amounts.subtotal - amounts.discount + amounts.shipping + amounts.tax).all()
    assert (order_lines.per_order(order_lines.amount) == amounts.subtotal).all()
    assert (order_lines.per_order(amounts.line_discount) == amounts.discount).all()
    assert (order_lines.per_order(amounts.line_shipping) == amounts.shipping).all()
    assert (order_lines.per_order(amounts.line_tax) == amounts.tax).all()
    assert (amounts.line_discount <= order_lines.amount + amounts.line_shipping).all()
    for column in (amounts.line_discount, amounts.line_shipping, amounts.line_tax, amounts.total):
        assert column.min() >= 0


def test_currencies_without_cents_have_none(medium: History) -> None:
    whole = [CURRENCIES.index(currency) for currency in parameters.WHOLE_UNIT_CURRENCIES]
    lines = np.isin(medium.orders.country[medium.order_lines.order], whole)
    assert lines.any()
    for amounts in (medium.order_lines.unit_price, medium.amounts.line_tax, medium.amounts.line_discount):
        assert (amounts[lines] % 100 == 0).all()


def test_tax_is_the_countrys_rate_rounded_half_up(medium: History) -> None:
    for line in range(0, 2_000, 7):
        country = COUNTRIES[int(medium.orders.country[medium.order_lines.order[line]])]
        taxable = (
            Decimal(int(medium.order_lines.amount[line] - medium.amounts.line_goods_discount[line])) / 100
        )
        coin = Decimal(1) if country.currency in parameters.WHOLE_UNIT_CURRENCIES else Decimal("0.01")
        tax = (taxable * Decimal(str(country.tax_rate))).quantize(coin, ROUND_HALF_UP)
        assert Decimal(int(medium.amounts.line_tax[line])) / 100 == tax


def test_shipping_is_free_from_the_stated_amount(medium: History) -> None:
    for number, country in enumerate(COUNTRIES):
        here = medium.orders.country == number
        catalogue = medium.amounts.subtotal - medium.order_lines.per_order(medium.amounts.line_goods_discount)
        free = catalogue >= round(country.free_shipping_from * 100)
        assert set(medium.amounts.shipping[here & free].tolist()) <= {0}
        assert set(medium.amounts.shipping[here & ~free].tolist()) == {round(country.shipping_fee * 100)}


def test_refunds_of_an_order_never_exceed_what_was_paid(medium: History) -> None:
    table = order_returns(medium.orders, medium.return_rows)
    back = np.zeros(medium.orders.count)
    order = table["order_id"].to_numpy() - 1
    np.add.at(back, order, [float(amount) * 100 for amount in table["refund_amount"].to_pylist()])
    assert len(order) > 1_000
    assert (back <= medium.amounts.total + 0.001).all()
    assert (medium.payments.paid[order] >= 0).all()


def test_lines_and_pieces_are_as_many_as_stated(medium: History) -> None:
    lines = np.diff(np.append(medium.order_lines.first, len(medium.order_lines.order)))
    weights = parameters.LINES_PER_ORDER_WEIGHTS
    mean = sum((at + 1) * weight for at, weight in enumerate(weights)) / sum(weights)
    assert lines.mean() == pytest.approx(mean, rel=0.03)
    assert lines.max() == len(weights)
    pieces = np.bincount(medium.order_lines.quantity, minlength=6)[1:]
    assert has_shares(pieces.tolist(), parameters.QUANTITY_WEIGHTS)


def test_a_line_costs_what_its_sku_cost_at_that_time(medium: History) -> None:
    order_lines, orders, catalogue = medium.order_lines, medium.orders, medium.world.catalogue
    usual = np.flatnonzero(order_lines.flash_sale < 0)
    order = order_lines.order[usual]
    price = catalogue.price_at(order_lines.sku[usual], orders.moment[order])
    thai = orders.country[order] == 0
    assert (order_lines.unit_price[usual][thai] == price[thai]).all()
    changed = catalogue.changed[order_lines.sku[usual], 1] <= orders.moment[order]
    assert 0.1 < changed.mean() < 0.9


def test_prices_change_as_often_and_as_much_as_stated(medium: History) -> None:
    catalogue, end = medium.world.catalogue, medium.plan.end
    changes = (catalogue.changed[:, 1:] < end).sum(axis=1)
    assert has_shares(np.bincount(changes, minlength=4).tolist(), parameters.PRICE_CHANGE_COUNT_WEIGHTS)
    before, after = catalogue.prices[:, :-1], catalogue.prices[:, 1:]
    tells = (catalogue.changed[:, 1:] < end) & (
        before > 200_000
    )  # in cheap goods the last digit hides the percent
    change = (after[tells] / before[tells] - 1) * 100
    stated = np.array(parameters.PRICE_CHANGE_PERCENT)
    nearest_warehouse = np.abs(change[:, None] - stated).argmin(axis=1)
    assert np.abs(change - stated[nearest_warehouse]).max() < 0.6
    assert has_shares(np.bincount(nearest_warehouse, minlength=len(stated)).tolist(), [1] * len(stated))


def test_products_move_to_a_sister_category_as_often_as_stated(medium: History) -> None:
    catalogue = medium.world.catalogue
    moved = catalogue.product_moved_at >= 0
    assert has_rate(int(moved.sum()), len(moved), parameters.CATEGORY_CHANGE_RATE)
    former, present = catalogue.product_previous_category, catalogue.product_category
    assert (former[moved] != present[moved]).all()
    assert (former[~moved] == present[~moved]).all()
    for one, other in zip(former.tolist(), present.tolist(), strict=True):
        assert CATEGORIES[one].department == CATEGORIES[other].department


def test_a_click_names_the_category_that_the_product_was_in(medium: History) -> None:
    catalogue = medium.world.catalogue
    tables = [table for name, table in all_tables(medium, 1) if name == "user_events"]
    wanted = pa.concat_tables(
        [table.select(["product_id", "category_id", "occurred_at"]) for table in tables]
    )
    wanted = wanted.filter(pc.is_valid(wanted["product_id"]))
    product, category = (wanted[name].to_numpy() - 1 for name in ("product_id", "category_id"))
    is_later = catalogue.product_moved_at[product] <= wanted["occurred_at"].cast(pa.int64()).to_numpy()
    has_moved = catalogue.product_moved_at[product] >= 0
    assert (has_moved & is_later).sum() > 50 and (has_moved & ~is_later).sum() > 50
    assert (
        category
        == np.where(
            is_later, catalogue.product_category[product], catalogue.product_previous_category[product]
        )
    ).all()


def test_every_currency_has_a_rate_for_every_day_within_its_daily_step(medium: History) -> None:
    rates = medium.world.rates.per_day
    assert rates.shape == (7, medium.plan.days)
    assert rates.min() > 0
    steps = np.abs(np.diff(rates, axis=1)) / rates[:, :-1]
    allowed = parameters.DAILY_FX_STEP_RATE + 1 / rates[:, :-1]
    assert (steps <= allowed).all()
    assert (rates[CURRENCIES.index("USD")] == 10**8).all()
    assert fx_rates(medium.world.rates).num_rows == 7 * medium.plan.days
