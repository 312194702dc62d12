"""Payouts, chargebacks, fraud cases, cards and the history of prices, contracts and tiers."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
import pyarrow as pa
import pytest

from simulator import parameters
from simulator.history import change_history
from simulator.history.generate import History
from simulator.history.order_steps import DELIVERED
from simulator.history.payments import CHARGED_BACK, payments_table
from simulator.history.payouts import Payouts, make_payouts, payout_lines_table, payouts_table
from simulator.history.risk import fraud_cases_table
from simulator.history.summaries import loyalty_of_accounts
from simulator.rules import loyalty
from simulator.rules.payments import IS_CARD
from simulator.world.partners import seller_contract_history
from tests.unit.simulator.statistics import has_rate


@pytest.fixture(scope="module")
def payouts(medium: History) -> Payouts:
    return make_payouts(medium)


def _payments(history: History) -> pa.Table:
    rows = history.payment_rows
    return payments_table(
        history.plan, history.orders, history.amounts, history.payments, rows, history.attacks
    )


def test_amounts_of_a_payout_are_the_sums_of_its_lines(medium: History, payouts: Payouts) -> None:
    lines = payout_lines_table(payouts).to_pylist()
    sums: dict[int, list] = defaultdict(lambda: [0, 0, 0])
    for line in lines:
        for at, name in enumerate(("gross_amount", "fee_amount", "net_amount")):
            sums[line["payout_id"]][at] += line[name]
    table = payouts_table(medium, payouts).to_pylist()
    assert len(table) == len(sums) > 1_000
    for payout in table:
        names = ("gross_amount", "fee_amount", "net_amount")
        assert [payout[name] for name in names] == sums[payout["payout_id"]]


def test_lines_of_a_payout_are_in_its_currency_and_period(medium: History, payouts: Payouts) -> None:
    table = {row["payout_id"]: row for row in payouts_table(medium, payouts).to_pylist()}
    country = list(parameters.COUNTRIES.values())
    for line, moment in zip(
        payout_lines_table(payouts).to_pylist(), payouts.lines.moment.tolist(), strict=True
    ):
        payout = table[line["payout_id"]]
        order = line["order_id"] - 1
        assert payout["currency"] == country[medium.orders.country[order]].currency
        start, end = payout["period_starts_at"].timestamp(), payout["period_ends_at"].timestamp()
        assert start <= moment < end < medium.plan.end


def test_every_received_payment_is_paid_out_once_by_its_gateway(medium: History, payouts: Payouts) -> None:
    paid_out = Counter(
        line["payment_id"]
        for line in payout_lines_table(payouts).to_pylist()
        if line["payment_id"] is not None and line["line_type"] == "sale"
    )
    assert set(paid_out.values()) == {1}
    two_days_before_the_end = medium.plan.end - 2 * 86_400
    received = np.flatnonzero(medium.payment_rows.captured >= 0)
    settled = received[medium.payment_rows.captured[received] < two_days_before_the_end]
    assert {int(position) + 1 for position in settled} <= paid_out.keys()


def test_gateways_keep_the_stated_fee_but_for_rare_errors(medium: History, payouts: Payouts) -> None:
    stated = dict(
        zip(range(1, len(medium.payment_rows.fee) + 1), medium.payment_rows.fee.tolist(), strict=True)
    )
    kept = [
        (int(line["fee_amount"] * 100), stated[line["payment_id"]])
        for line in payout_lines_table(payouts).to_pylist()
        if line["payment_id"] is not None and line["line_type"] == "sale"
    ]
    wrong = [(paid, right) for paid, right in kept if paid != right]
    assert has_rate(len(wrong), len(kept), parameters.PAYOUT_FEE_ERROR_RATE)
    assert all(paid > right for paid, right in wrong)


def test_sellers_are_paid_for_what_is_delivered_less_what_is_refunded(
    medium: History, payouts: Payouts
) -> None:
    lines = [line for line in payout_lines_table(payouts).to_pylist() if line["order_item_id"] is not None]
    delivered = medium.order_steps.at(DELIVERED)
    sold = {line["order_item_id"]: line for line in lines if line["line_type"] == "sale"}
    assert all(delivered[line["order_id"] - 1] >= 0 for line in lines)
    assert not any(medium.orders.is_test[line["order_id"] - 1] for line in lines)
    refunds = [line for line in lines if line["line_type"] == "refund"]
    assert len(refunds) > 1_000
    for line in refunds:
        sale = sold[line["order_item_id"]]
        assert (line["gross_amount"], line["fee_amount"]) == (-sale["gross_amount"], -sale["fee_amount"])


def test_payments_are_charged_back_days_later_and_more_often_after_attacks(medium: History) -> None:
    rows, attack = medium.payment_rows, medium.orders.attack_order
    charged_back = np.flatnonzero(rows.status == CHARGED_BACK)
    assert IS_CARD[medium.payments.method[rows.order[charged_back]]].all()
    days = (rows.charged_back - rows.captured)[charged_back] / 86_400
    low, high = parameters.CHARGEBACK_DAYS
    assert ((days >= low) & (days <= high)).all()
    returned = set(medium.return_rows.order.tolist())
    assert not returned & set(rows.order[charged_back].tolist())
    old = (rows.captured >= 0) & (rows.captured < medium.plan.end - high * 86_400)
    old &= IS_CARD[medium.payments.method[rows.order]] & ~np.isin(rows.order, medium.return_rows.order)
    is_honest = attack[rows.order] < 0
    taken_back = rows.status == CHARGED_BACK
    assert has_rate(
        int((taken_back & old & is_honest).sum()), int((old & is_honest).sum()),
        parameters.HONEST_CHARGEBACK_RATE,
    )  # fmt: skip
    of_attacks = int((taken_back & old & ~is_honest).sum()) / int((old & ~is_honest).sum())
    assert of_attacks > 0.3


def test_cases_are_opened_later_and_are_not_always_right(medium: History) -> None:
    table = fraud_cases_table(medium.risk).to_pylist()
    is_attack = medium.orders.attack_order >= 0
    outcomes = Counter((bool(is_attack[row["order_id"] - 1]), row["outcome"]) for row in table)
    for truth in (True, False):
        assert outcomes[truth, "fraud"] and outcomes[truth, "legitimate"], outcomes
    assert outcomes[True, None] + outcomes[False, None] > 0
    assert outcomes[True, "fraud"] > 5 * outcomes[True, "legitimate"]
    investigated = {row["order_id"] - 1 for row in table}
    assert set(np.flatnonzero(is_attack).tolist()) - investigated, "some attacks are never noticed"
    for row in table:
        assert row["opened_at"].timestamp() >= medium.orders.moment[row["order_id"] - 1] + 86_400
        assert row["decided_at"] is None or row["decided_at"] > row["opened_at"]


def test_a_card_belongs_to_one_account_unless_an_attack_shares_it(medium: History) -> None:
    rows, table = medium.payment_rows, _payments(medium)
    accounts: dict[str, set[int]] = defaultdict(set)
    cards: dict[int, set[str]] = defaultdict(set)
    honest = medium.orders.attack_order < 0
    for order, card in zip(rows.order.tolist(), table["card_fingerprint"].to_pylist(), strict=True):
        assert (card is not None) == bool(IS_CARD[medium.payments.method[order]])
        if card is not None:
            accounts[card].add(int(medium.orders.user[order]))
            if honest[order]:
                cards[int(medium.orders.user[order])].add(card)
    shared = [card for card, users in accounts.items() if len(users) > 1]
    in_attacks = set(
        table["card_fingerprint"].take(pa.array(np.flatnonzero(~honest[rows.order]))).to_pylist()
    )
    assert shared and set(shared) <= in_attacks
    assert max(len(each) for each in cards.values()) <= 4


def test_prices_have_a_row_from_their_first_day_on_and_end_in_the_present_one(medium: History) -> None:
    table = change_history.sku_price_history(medium).to_pylist()
    catalogue = medium.world.catalogue
    last = {row["sku_id"]: row for row in table}
    assert len(last) == catalogue.count < len(table)
    assert len({(row["sku_id"], row["valid_from"]) for row in table}) == len(table)
    skus = np.arange(catalogue.count)
    present = catalogue.price_at(skus, np.full(catalogue.count, medium.plan.end - 1))
    assert [last[sku + 1]["price"] * 100 for sku in skus.tolist()] == present.tolist()
    listed = catalogue.product_listed[catalogue.product]
    first: dict[int, float] = {}
    for row in table:
        first.setdefault(row["sku_id"], row["valid_from"].timestamp())
    assert all(first[sku + 1] == listed[sku] for sku in skus.tolist())


def test_contracts_end_in_the_present_one(medium: History) -> None:
    sellers = medium.world.sellers
    table = seller_contract_history(sellers).to_pylist()
    last = {row["seller_id"]: row["tier"] for row in table}
    assert list(last.values()) == np.array(("silver", "gold", "platinum"))[sellers.tier].tolist()
    counts = Counter(row["seller_id"] for row in table)
    weights = parameters.SELLER_CONTRACT_CHANGE_WEIGHTS
    unchanged = sum(count == 1 for count in counts.values())
    assert has_rate(unchanged, len(counts), weights[0] / sum(weights))


def test_tiers_begin_with_bronze_and_end_in_the_present_one(medium: History) -> None:
    table = change_history.customer_tier_history(medium).to_pylist()
    first: dict[int, str] = {}
    last: dict[int, str] = {}
    for row in table:
        first.setdefault(row["customer_id"], row["tier"])
        assert last.get(row["customer_id"]) != row["tier"]
        last[row["customer_id"]] = row["tier"]
    assert set(first.values()) == {"bronze"}
    spend, points, _ = loyalty_of_accounts(medium)
    present = np.array(loyalty.TIERS)[loyalty.tiers(spend, points)]
    assert [last[account + 1] for account in range(len(present))] == present.tolist()
    assert set(present) >= {"bronze", "silver", "gold"}
