"""A shop in which anything lawful happens in any order: each step must work and leave no violation.

What is lawful is read from the shop itself, so that a step is tried only where its conditions hold.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Protocol

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

pick = st.integers(0, 10_000)
day = st.sampled_from((5, 12, 19))
rate_day = st.sampled_from((1, 4, 12, 15))


class Database(Protocol):
    """A shop with the rows of one_of_each.sql, in a transaction of its owner."""

    def run(self, *statements: str) -> None:
        """Run one lawful step, checked as at a commit."""

    def rows(self, query: str) -> list[Any]: ...

    def violations(self) -> list[Any]: ...

    def take_stock(self, quantity: int) -> None:
        """From SKU 1 in warehouse 1."""

    def roll_back(self) -> None: ...


class LawfulSteps(RuleBasedStateMachine):
    """One run of up to some dozens of steps, rolled back at its end."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self.database = database
        self.next_id = 100

    def teardown(self) -> None:
        self.database.roll_back()

    @invariant()
    def no_rule_is_violated(self) -> None:
        assert self.database.violations() == []

    def new_id(self) -> int:
        self.next_id += 1
        return self.next_id

    def one_of(self, query: str, chosen: int) -> tuple[Any, ...] | None:
        """A row of the query, None if it has none."""
        found = self.database.rows(query)
        return found[chosen % len(found)] if found else None

    @rule(chosen=pick, quantity=st.integers(1, 3), on=day, wants_voucher=st.booleans())
    def order(self, chosen: int, quantity: int, on: int, wants_voucher: bool) -> None:
        buyer = self.one_of("select customer_id, user_id from customers order by customer_id", chosen)
        price = self.one_of("select price from product_skus where sku_id = 1", 0)
        assert buyer is not None and price is not None
        order, (customer, user), subtotal = self.new_id(), buyer, quantity * price[0]
        redeems = wants_voucher and self.may_redeem(customer, user, subtotal)
        discount = 10 if redeems else 0
        self.database.run(
            "insert into orders (order_id, customer_id, user_id, channel, currency, subtotal_amount, "
            "discount_amount, total_amount, ship_to_country, ordered_at) values "
            f"({order}, {customer}, {user}, 'website', 'THB', {subtotal}, {discount}, "
            f"{subtotal - discount}, 'TH', '2026-01-{on:02}')",
            "insert into order_items (order_id, line_number, sku_id, product_id, seller_id, quantity, "
            f"unit_price, discount_amount) values ({order}, 1, 1, 1, 1, {quantity}, {price[0]}, {discount})",
            *[
                "insert into voucher_redemptions (voucher_id, order_id, user_id, currency, "
                f"discount_amount, redeemed_at) values (1, {order}, {user}, 'THB', 10, '2026-01-{on:02}')"
            ][: int(redeems)],
        )

    def may_redeem(self, customer: int, user: int, subtotal: Decimal) -> bool:
        terms = "select usage_limit - used_count, per_user_limit, min_order_amount from vouchers"
        left, limit, minimum = self.database.rows(terms)[0]
        uses = (
            "select count(*) from voucher_redemptions join orders using (order_id) "
            "where released_at is null and "
        )
        by_user = self.database.rows(f"{uses} voucher_redemptions.user_id = {user}")[0][0]
        by_profile = self.database.rows(f"{uses} customer_id = {customer}")[0][0]
        return bool(left > 0 and max(by_user, by_profile) < limit and subtotal >= minimum)

    @rule(chosen=pick)
    def take_a_step(self, chosen: int) -> None:
        step = self.one_of(
            "select order_id, to_status from orders join rules.order_transitions "
            "on orders.status = from_status order by order_id, to_status",
            chosen,
        )
        if step is not None:
            self.move_to(*step)

    @rule(chosen=pick)
    def deliver(self, chosen: int) -> None:
        """An order that may be delivered, step by step."""
        way = ("pending", "confirmed", "paid", "packed", "shipped", "delivered")
        order = self.one_of(
            f"select order_id, status from orders where status in {way[:-1]} order by order_id", chosen
        )
        if order is not None:
            for status in way[way.index(order[1]) + 1 :]:
                self.move_to(order[0], status)

    def move_to(self, order: int, status: str) -> None:
        """One step of an order; it is paid with a payment."""
        total = self.database.rows(f"select total_amount from orders where order_id = {order}")[0][0]
        payment = (
            "insert into payments (order_id, sequence_number, method, status, currency, amount, "
            f"attempted_at) values ({order}, {self.new_id()}, 'credit_card', 'captured', 'THB', {total}, "
            "'2026-01-26')"
        )
        self.database.run(
            f"update orders set status = '{status}' where order_id = {order}",
            *([payment] if status == "paid" else []),
        )

    @rule(
        chosen=pick,
        share=st.decimals("0.01", "1", places=2),
        outcome=st.sampled_from(("refunded", "rejected")),
    )
    def give_money_back(self, chosen: int, share: Decimal, outcome: str) -> None:
        paid = self.one_of(
            "select payments.order_id, sum(amount) - coalesce((select sum(refund_amount) from order_returns "
            "where order_returns.order_id = payments.order_id and order_returns.status <> 'rejected'), 0) "
            "from payments where status in ('captured', 'charged_back') "
            "group by payments.order_id order by payments.order_id",
            chosen,
        )
        if paid is None:
            return
        order, left = paid
        identifier, amount = self.new_id(), (Decimal(left) * share).quantize(Decimal("0.01"))
        time = "'2026-01-27'" if outcome == "refunded" else "null"
        self.database.run(
            "insert into order_returns (return_id, order_id, reason, currency, refund_amount, requested_at) "
            f"values ({identifier}, {order}, 'late', 'THB', {amount}, '2026-01-26')",
            f"update order_returns set status = '{outcome}', refunded_at = {time} "
            f"where return_id = {identifier}",
        )

    @rule(chosen=pick)
    def charge_back(self, chosen: int) -> None:
        payment = self.one_of(
            "select payment_id from payments where status = 'captured' order by payment_id", chosen
        )
        if payment is not None:
            self.database.run(
                "update payments set status = 'charged_back', charged_back_at = '2026-01-28' "
                f"where payment_id = {payment[0]}"
            )

    @rule(chosen=pick)
    def pay_out(self, chosen: int) -> None:
        payment = self.one_of(
            "select payment_id, order_id, amount from payments where status = 'captured' and not exists "
            "(select 1 from payout_lines where payout_lines.payment_id = payments.payment_id) "
            "order by payment_id",
            chosen,
        )
        if payment is None:
            return
        identifier, (number, order, amount) = self.new_id(), payment
        self.database.run(
            "insert into payouts (payout_id, payer_type, payer, currency, gross_amount, fee_amount, "
            f"net_amount, period_starts_at, period_ends_at) values ({identifier}, 'gateway', 'stripe', "
            f"'THB', {amount}, 1, {amount - 1}, '2026-01-05', '2026-01-12')",
            "insert into payout_lines (payout_id, order_id, payment_id, line_type, gross_amount, fee_amount, "
            f"net_amount) values ({identifier}, {order}, {number}, 'sale', {amount}, 1, {amount - 1})",
            f"update payouts set status = 'paid', paid_at = '2026-01-13' where payout_id = {identifier}",
        )

    @rule(on=rate_day, rate=st.decimals("0.0001", "300", places=4))
    def state_a_rate(self, on: int, rate: Decimal) -> None:
        key = f"currency = 'THB' and rate_date = '2026-01-{on:02}'"
        self.database.run(
            f"update fx_rates set rate = {rate} where {key}"
            if self.database.rows(f"select 1 from fx_rates where {key}")
            else "insert into fx_rates (currency, rate_date, reporting_currency, rate) "
            f"values ('THB', '2026-01-{on:02}', 'USD', {rate})"
        )

    @rule(chosen=pick)
    def delete_a_rate(self, chosen: int) -> None:
        """Any but the first, which every order is covered by."""
        later = self.one_of(
            "select rate_date from fx_rates where rate_date > '2026-01-01' order by rate_date", chosen
        )
        if later is not None:
            self.database.run(f"delete from fx_rates where rate_date = '{later[0]}'")

    @rule(price=st.integers(1, 500), is_active=st.booleans())
    def change_a_price(self, price: int, is_active: bool) -> None:
        status = "active" if is_active else "paused"
        self.database.run(
            f"update product_skus set price = {price}, cost = {price} / 2, status = '{status}' "
            "where sku_id = 1"
        )

    @rule(tier=st.sampled_from(("silver", "gold", "platinum")), rate=st.sampled_from(("null", "0.08", "0.1")))
    def change_a_contract(self, tier: str, rate: str) -> None:
        self.database.run(f"update sellers set tier = '{tier}', commission_rate = {rate} where seller_id = 1")

    @rule(customer=st.integers(1, 2), points=st.integers(0, 30_000))
    def change_points(self, customer: int, points: int) -> None:
        self.database.run(f"update customers set loyalty_points = {points} where customer_id = {customer}")

    @rule(points=st.integers(1_001, 19_999), spend=st.integers(501, 9_999))
    def change_the_thresholds(self, points: int, spend: int) -> None:
        self.database.run(
            f"update rules.loyalty_tiers set min_points = {points}, min_spend_amount = {spend} "
            "where tier = 'gold'"
        )

    @rule(customer=st.integers(1, 2), user=st.integers(1, 2))
    def move_a_profile(self, customer: int, user: int) -> None:
        self.database.run(f"update customers set user_id = {user} where customer_id = {customer}")

    @rule(chosen=pick, is_test=st.booleans())
    def mark_as_test(self, chosen: int, is_test: bool) -> None:
        order = self.one_of("select order_id from orders order by order_id", chosen)
        assert order is not None
        self.database.run(f"update orders set is_test = {is_test} where order_id = {order[0]}")

    @rule(chosen=pick, rating=st.integers(1, 5))
    def review(self, chosen: int, rating: int) -> None:
        order = self.one_of("select order_id, user_id from orders order by order_id", chosen)
        assert order is not None
        self.database.run(
            "insert into reviews (order_id, user_id, product_id, rating, reviewed_at) "
            f"values ({order[0]}, {order[1]}, 1, {rating}, '2026-01-29')"
        )

    @rule(chosen=pick)
    def delete_a_review(self, chosen: int) -> None:
        review = self.one_of("select review_id from reviews order by review_id", chosen)
        if review is not None:
            self.database.run(f"delete from reviews where review_id = {review[0]}")

    @rule(chosen=pick)
    def delete_an_order(self, chosen: int) -> None:
        """One that nothing refers to that would keep it."""
        tables = ("payments", "order_returns", "reviews", "shipments", "payout_lines", "fraud_cases")
        unused = " and ".join(
            f"not exists (select 1 from {table} where {table}.order_id = orders.order_id)"
            for table in (*tables, "voucher_redemptions")
        )
        order = self.one_of(f"select order_id from orders where {unused} order by order_id", chosen)
        if order is not None:
            self.database.run(f"delete from orders where order_id = {order[0]}")

    @rule(quantity=st.integers(1, 20))
    def receive_stock(self, quantity: int) -> None:
        self.database.run(
            "insert into inventory_log (sku_id, warehouse_id, movement_type, quantity_change, currency, "
            f"moved_at) values (1, 1, 'receipt', {quantity}, 'THB', '2026-01-06')"
        )

    def stock(self) -> int:
        return int(self.database.rows("select quantity from inventory where sku_id = 1")[0][0])

    @precondition(lambda self: self.stock() > 0)
    @rule(chosen=pick)
    def take_from_stock(self, chosen: int) -> None:
        self.database.take_stock(1 + chosen % self.stock())
