"""A small shop, written straight into bronze: what a test changes in it, and when that arrives."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from clickhouse_connect.driver.client import Client

from tests.integration.dbt.changes import Change, write

KEYS: dict[str, str | tuple[str, ...]] = {
    "users": "user_id",
    "customers": "customer_id",
    "sellers": "seller_id",
    "categories": "category_id",
    "products": "product_id",
    "product_skus": "sku_id",
    "orders": "order_id",
    "order_items": "order_item_id",
    "payments": "payment_id",
    "order_returns": "return_id",
    "reviews": "review_id",
    "user_events": "event_id",
    "shipments": "shipment_id",
    "inventory_log": "log_id",
    "warehouses": "warehouse_id",
    "campaigns": "campaign_id",
    "campaign_spend": ("campaign_id", "spend_date"),
    "fx_rates": ("currency", "rate_date"),
    "inventory": ("sku_id", "warehouse_id"),
    "carts": "cart_id",
}
TIMES = {"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}


class SmallShop:
    """The rows of each table, and the log position of the next change."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.rows: dict[tuple[str, object], dict[str, Any]] = {}
        self.lsn = 1000
        self.now = datetime(2026, 1, 1)

    def put(self, table: str, **row: Any) -> None:
        """Insert a row, or change the given columns of the row with that key."""
        key = self._key(table, row)
        before = self.rows.get((table, key))
        after = (before or dict(TIMES)) | row
        self.rows[table, key] = after
        op = "u" if before else "c"
        self._write(table, Change(op, self.lsn, self._names(table, key), before=before, after=after))

    def delete(self, table: str, key: object) -> None:
        """Delete the row with that key."""
        row = self.rows.pop((table, key))
        self._write(table, Change("d", self.lsn, self._names(table, key), before=row))

    def _key(self, table: str, row: dict[str, Any]) -> object:
        names = KEYS[table]
        return row[names] if isinstance(names, str) else tuple(row[name] for name in names)

    def _names(self, table: str, key: Any) -> dict[str, Any]:
        """A key as events have it: column -> value."""
        names = KEYS[table]
        return {names: key} if isinstance(names, str) else dict(zip(names, key, strict=True))

    def _write(self, table: str, change: Change) -> None:
        self.lsn += 10
        write(self.client, f"bronze.{table}", [change], arrived_at=self.now)

    def order(self, order_id: int, currency: str, price: str, ordered_at: str, **changed: Any) -> None:
        """An order of user 1 of two pieces of product 1 at that price."""
        total = f"{2 * float(price):.2f}"
        amounts = {"discount_amount": "0.00", "shipping_amount": "0.00", "tax_amount": "0.00"}
        order = {
            "order_id": order_id,
            "customer_id": 1,
            "user_id": 1,
            "channel": "website",
            "status": "pending",
            "status_changed_at": ordered_at,
            "is_test": False,
            "currency": currency,
            "subtotal_amount": total,
            "total_amount": total,
            "ship_to_country": "TH",
            "ship_to_postal_code": "10110",
            "ordered_at": ordered_at,
        }
        self.put("orders", **(order | amounts | changed))
        self.put(
            "order_items",
            order_item_id=order_id * 10,
            order_id=order_id,
            line_number=1,
            sku_id=1,
            product_id=1,
            seller_id=1,
            quantity=2,
            unit_price=price,
            unit_cost="1.00",
            **amounts,
        )

    def payment(self, payment_id: int, order_id: int, amount: str, at: str, status: str = "captured") -> None:
        """A payment of an order, in its currency."""
        currency = self.rows["orders", order_id]["currency"]
        self.put(
            "payments",
            payment_id=payment_id,
            order_id=order_id,
            sequence_number=1,
            method="credit_card",
            gateway="omise",
            status=status,
            currency=currency,
            amount=amount,
            installment_count=1,
            attempted_at=at,
            captured_at=at if status == "captured" else None,
        )

    def refund(self, return_id: int, order_id: int, amount: str, at: str | None) -> None:
        """A return of a piece of an order's first line; refunded where `at` says when."""
        currency = self.rows["orders", order_id]["currency"]
        self.put(
            "order_returns",
            return_id=return_id,
            order_id=order_id,
            order_item_id=order_id * 10,
            status="refunded" if at else "requested",
            reason="late",
            quantity=1,
            currency=currency,
            refund_amount=amount,
            requested_at="2026-01-20T00:00:00Z",
            refunded_at=at,
        )

    def event(
        self, event_id: int, event_type: str, at: str, user_id: int | None = None, session: int | None = None
    ) -> None:
        """Something that a visitor did, in a session of its own if not in that one."""
        self.put(
            "user_events",
            event_id=event_id,
            event_type=event_type,
            session_id=f"session {session or event_id}",
            platform="web",
            click_count=0,
            user_id=user_id,
            is_bot=False,
            occurred_at=at,
        )

    def delivery(self, order_id: int, status: str, delivered_at: str | None) -> None:
        """The parcel of an order."""
        self.put(
            "shipments",
            shipment_id=order_id,
            order_id=order_id,
            status=status,
            currency="THB",
            cost_amount="1.50",
            shipped_at="2026-01-08T10:00:00Z",
            delivered_at=delivered_at,
        )

    def review(self, review_id: int, order_id: int, rating: int) -> None:
        """A review of a whole order."""
        self.put(
            "reviews",
            review_id=review_id,
            order_id=order_id,
            user_id=1,
            rating=rating,
            helpful_count=0,
            reviewed_at="2026-01-20T10:00:00Z",
        )

    def movement(self, log_id: int, movement_type: str, pieces: int, lot_id: int) -> None:
        """Pieces of SKU 1 that come into a warehouse or leave it."""
        self.put(
            "inventory_log",
            log_id=log_id,
            sku_id=1,
            warehouse_id=1,
            lot_id=lot_id,
            movement_type=movement_type,
            quantity_change=pieces,
            currency="THB",
            unit_cost="2.00",
            moved_at="2026-01-04T10:00:00Z",
        )

    def warehouse(self, warehouse_id: int, capacity: int) -> None:
        """A warehouse in Bangkok."""
        self.put(
            "warehouses",
            warehouse_id=warehouse_id,
            warehouse_name=f"Bangkok {warehouse_id}",
            city="Bangkok",
            country="TH",
            time_zone="Asia/Bangkok",
            capacity=capacity,
            is_active=True,
        )

    def stock(self, pieces: int) -> None:
        """So many pieces of SKU 1 on hand in warehouse 1."""
        levels = {"reorder_point": 2, "safety_stock": 1}
        self.put("inventory", sku_id=1, warehouse_id=1, quantity=pieces, **levels)

    def cart(self, status: str, closed_at: str | None) -> None:
        """A cart of user 1."""
        times = {"opened_at": "2026-01-05T09:00:00Z", "closed_at": closed_at}
        self.put("carts", cart_id=1, user_id=1, status=status, currency="THB", **times)

    def spend(self, day: str, currency: str, amount: str) -> None:
        """What campaign 1 cost on a day."""
        self.put("campaigns", campaign_id=1, campaign_type="search")
        self.put(
            "campaign_spend", campaign_id=1, spend_date=f"{day}Z", currency=currency, spend_amount=amount
        )

    def open(self) -> None:
        """People, products and rates, before any order."""
        self.put(
            "users",
            user_id=1,
            user_type="buyer",
            status="active",
            country="TH",
            is_bot=False,
            is_test=False,
            registered_at="2025-12-01T00:00:00Z",
            email="ada@example.org",
        )
        self.put(
            "customers",
            customer_id=1,
            user_id=1,
            tier="bronze",
            loyalty_points=0,
            country="TH",
            lifetime_spend_amount="0.00",
            has_marketing_consent=True,
            address="{}",
            preferences="{}",
            first_name="Ada",
            postal_code="10110",
        )
        self.put(
            "sellers",
            seller_id=1,
            seller_name="Tea House",
            status="active",
            tier="silver",
            country="TH",
            postal_code="10110",
            joined_at="2025-01-01T00:00:00Z",
            commission_rate="0.0500",
        )
        self.put("categories", category_id=1, level=1, category_name="drinks")
        self.put(
            "products",
            product_id=1,
            category_id=1,
            seller_id=1,
            product_name="tea",
            status="active",
            tags="[]",
            attributes="{}",
            currency="THB",
            min_price="10.00",
            review_count=0,
            listed_at="2025-02-01T00:00:00Z",
        )
        self.put(
            "product_skus",
            sku_id=1,
            product_id=1,
            sku_code="t1",
            attributes="{}",
            price="10.00",
            stock=5,
            status="active",
        )
        for currency, rate in (("THB", "1.00000000"), ("VND", "0.00140000")):
            self.put(
                "fx_rates", currency=currency, rate_date="2026-01-01Z", reporting_currency="THB", rate=rate
            )
