"""Bulk inserts of one step of a run: clickstream, carts, wishlists and new accounts."""

from __future__ import annotations

from simulator.live.database.session import Session, in_transaction
from simulator.live.decisions.output import EVENT_COLUMNS, Output, Row
from simulator.live.decisions.records import NewPerson

USER_COLUMNS = (
    *("user_id", "user_type", "email", "country", "language", "time_zone", "acquisition_channel"),
    *("registered_at", "last_login_at"),
)
CUSTOMER_COLUMNS = (
    *("customer_id", "user_id", "first_name", "last_name", "has_marketing_consent", "city", "state"),
    *("postal_code", "country"),
)
CART_COLUMNS = ("cart_id", "user_id", "session_id", "currency", "opened_at")
CART_ITEM_COLUMNS = ("cart_id", "sku_id", "quantity", "unit_price", "added_at")
WISH_COLUMNS = ("user_id", "product_id", "added_at")


def write_rows(session: Session, output: Output) -> None:
    """Write all rows of an output, without its records, in one transaction."""
    in_transaction(session, lambda: _write(session, output))


def _write(session: Session, output: Output) -> None:
    session.insert_many("users", USER_COLUMNS, map(_user, output.people))
    session.insert_many("customers", CUSTOMER_COLUMNS, map(_customer, output.people))
    session.insert_many("carts", CART_COLUMNS, output.carts)
    _write_cart_items(session, output)
    session.execute_many(
        "update carts set status = 'abandoned', closed_at = %s where cart_id = %s and status = 'active'",
        [(closed_at, cart_id) for cart_id, closed_at in output.abandoned_carts],
    )
    session.insert_missing("wishlists", WISH_COLUMNS, output.wishlist_items)
    session.insert_many("user_events", EVENT_COLUMNS, output.events)


def _write_cart_items(session: Session, output: Output) -> None:
    session.execute_many(
        "delete from cart_items where cart_id = %s and sku_id = %s", sorted(output.removed_items)
    )
    # SKUs in the order in which orders lock them.
    lines = sorted(output.cart_items.items(), key=lambda line: line[0][1])
    session.insert_many("cart_items", CART_ITEM_COLUMNS, [(*key, *contents) for key, contents in lines])


def _user(person: NewPerson) -> Row:
    return (
        *(person.user_id, person.user_type, person.email, person.destination.country, person.language),
        *(person.time_zone, person.acquisition_channel, person.at),
        None if person.user_type == "guest" else person.at,
    )


def _customer(person: NewPerson) -> Row:
    return (
        *(person.customer_id, person.user_id, person.first_name, person.last_name),
        *(person.has_marketing_consent, person.destination.city, person.destination.state),
        *(person.destination.postal_code, person.destination.country),
    )
