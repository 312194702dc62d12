"""The rules themselves, at their edges: spreads, rounding, caps, charm prices, warehouses."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator import parameters
from simulator.rules import delivery, money, pricing, returns, vouchers
from simulator.rules.attacks import RULES
from simulator.rules.vouchers import FIXED_AMOUNT, PERCENTAGE, VoucherTerms

AMOUNTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=8)


def spread(total: int, weights: list[int], unit: int = 1) -> list[int]:
    parts = money.spread(np.array([total]), np.array(weights), np.array([0]), np.array([unit]))
    return [int(part) for part in parts]


@given(AMOUNTS, st.integers(0, 10**9))
def test_parts_of_an_amount_add_up_to_it(weights: list[int], total: int) -> None:
    parts = spread(total, weights)
    assert sum(parts) == total
    assert min(parts) >= 0


@given(AMOUNTS, st.integers(0, 1_000))
def test_no_part_of_a_discount_exceeds_its_line(weights: list[int], missing: int) -> None:
    total = max(0, sum(weights) - missing)
    parts = spread(total, weights)
    assert sum(parts) == total
    assert all(0 <= part <= weight for part, weight in zip(parts, weights, strict=True))


@given(st.lists(st.tuples(AMOUNTS, st.integers(0, 10**9)), min_size=1, max_size=5))
def test_many_orders_are_spread_as_each_alone(orders: list[tuple[list[int], int]]) -> None:
    weights = [weight for each, _ in orders for weight in each]
    first = np.cumsum([0, *(len(each) for each, _ in orders[:-1])])
    totals = np.array([total for _, total in orders])
    parts = money.spread(totals, np.array(weights), first, np.ones(len(orders), dtype=np.int64))
    assert parts.tolist() == [part for each, total in orders for part in spread(total, each)]


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (100, [1, 3, 1], [20, 60, 20]),
        (10, [3, 3, 3, 1], [3, 3, 3, 1]),
        (6, [3, 2, 2], [3, 2, 1]),
        (5, [0, 0], [5, 0]),
    ],
)
def test_the_rest_goes_to_the_largest_line_the_first_of_equal_ones(
    total: int, weights: list[int], parts: list[int]
) -> None:
    assert sum(parts) == total
    assert spread(total, weights) == parts


def test_whole_unit_currencies_are_spread_in_whole_units() -> None:
    assert spread(1_000, [100, 100, 100], unit=100) == [400, 300, 300]


@given(st.integers(0, 10**12), st.integers(1, 10**10), st.integers(1, 10**10), st.sampled_from([1, 100]))
def test_ratios_are_rounded_half_up(amount: int, numerator: int, denominator: int, unit: int) -> None:
    exact = Decimal(amount * numerator) / Decimal(denominator) / unit
    if exact >= 10**16:
        return
    expected = int(exact.quantize(Decimal(1), ROUND_HALF_UP)) * unit
    assert int(money.ratio(np.array([amount]), numerator, denominator, unit)[0]) == expected


def test_a_price_in_another_currency_is_at_least_its_smallest_unit() -> None:
    assert money.convert(np.array([1]), 1, 1_000, 1).tolist() == [1]
    assert money.convert(np.array([1]), 1, 1_000, 100).tolist() == [100]


@pytest.mark.parametrize(
    ("kind", "value", "cap", "subtotal", "unit", "discount"),
    [
        (PERCENTAGE, 1_000, -1, 10_005, 1, 1_001),  # 10 % of 100.05 is 10.005: half up
        (PERCENTAGE, 1_000, -1, 10_004, 1, 1_000),
        (PERCENTAGE, 1_000, 900, 10_005, 1, 900),
        (PERCENTAGE, 1_000, 950, 1_000_000, 100, 900),  # a cap is never exceeded
        (PERCENTAGE, 10_000, -1, 5_000, 1, 5_000),
        (FIXED_AMOUNT, 5_000, -1, 3_000, 1, 3_000),
        (FIXED_AMOUNT, 5_050, -1, 9_000, 100, 5_100),
        (FIXED_AMOUNT, 5_000, 2_000, 9_000, 1, 2_000),
        (vouchers.FREE_SHIPPING, 0, -1, 9_000, 1, 0),
        (vouchers.NONE, -1, -1, 9_000, 1, 0),
    ],
)
def test_what_a_voucher_takes_off_the_goods(
    kind: int, value: int, cap: int, subtotal: int, unit: int, discount: int
) -> None:
    terms = VoucherTerms(np.array([kind]), np.array([value]), np.array([cap]))
    found = vouchers.goods_discount(terms, np.array([subtotal]), np.array([unit]))
    assert found.tolist() == [discount]


def amounts_of(amount: list[int], kind: int, value: int) -> pricing.OrderAmounts:
    terms = pricing.order_terms([("TH", "THB")])
    voucher = VoucherTerms(np.array([kind]), np.array([value]), np.array([-1]))
    return pricing.order_amounts(np.array(amount), np.array([0]), terms, voucher)


def test_free_shipping_counts_the_subtotal_after_discount() -> None:
    """1,000 THB are free; the same goods with a voucher of 1 THB are not."""
    assert amounts_of([100_000], vouchers.NONE, -1).shipping.tolist() == [0]
    assert amounts_of([100_000], FIXED_AMOUNT, 100).shipping.tolist() == [4_000]


def test_a_free_shipping_voucher_pays_the_fee_and_no_tax_changes() -> None:
    plain, free = amounts_of([30_000], vouchers.NONE, -1), amounts_of([30_000], vouchers.FREE_SHIPPING, 0)
    assert free.discount.tolist() == free.shipping.tolist() == [4_000]
    assert free.tax.tolist() == plain.tax.tolist() == [2_100]
    assert free.total.tolist() == [32_100]


def test_a_country_without_terms_has_neither_fee_nor_tax() -> None:
    assert pricing.terms_of("BR", "BRL") == (1, 0, 0, 0)
    assert pricing.terms_of("TH", "USD") == (1, 0, 0, 0)


@pytest.mark.parametrize(
    ("price", "percent", "changed"),
    [
        (19_900, 10, 21_900),
        (19_900, 3, 20_900),
        (10_000, 10, 11_000),
        (10_005, -5, 9_505),
        (1_900, -15, 1_900),
    ],
)
def test_a_charm_price_stays_one_and_others_change_exactly(price: int, percent: int, changed: int) -> None:
    assert pricing.changed_price(np.array([price]), percent, 1).tolist() == [changed]


def test_an_order_ships_from_the_nearest_warehouse_that_has_all_of_it() -> None:
    stock = {(0, 7), (0, 8), (1, 8), (1, 9)}
    chosen = delivery.choose_warehouses([0, 1], [7, 8, 9], lambda *each: each in stock)
    assert chosen == [8, 8]


def test_an_order_that_none_has_whole_ships_each_line_from_the_nearest() -> None:
    stock = {(0, 7), (1, 9)}
    assert delivery.choose_warehouses([0, 1], [7, 8, 9], lambda *each: each in stock) == [7, 9]
    assert delivery.choose_warehouses([0, 2], [7, 8, 9], lambda *each: each in stock) is None


def test_late_lines_are_returned_more_often_but_never_more_than_always() -> None:
    fashion = np.array([returns.department_position("Fashion")])
    on_time, late = (int(returns.return_rate(fashion, is_late)[0]) for is_late in (False, True))
    assert late == on_time * parameters.LATE_RETURN_FACTOR
    unknown = np.array([returns.department_position("beleza_saude")])
    assert int(returns.return_rate(unknown, False)[0]) == parameters.UNKNOWN_DEPARTMENT_RETURN_RATE * 10**6


def test_there_is_a_rule_for_each_kind_of_attack_in_order() -> None:
    assert tuple(rule.kind for rule in RULES) == parameters.ATTACK_KINDS
