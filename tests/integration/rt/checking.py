"""The marts beside what must follow from the shop's rows."""

from __future__ import annotations

from tests.integration.rt.histories import Arrivals
from tests.integration.rt.marts import Marts
from tests.integration.rt.shop import Shop


def check(marts: Marts, shop: Shop) -> None:
    """Compare every windowed mart with what follows from the shop's rows."""
    assert order_metrics(marts) == shop.order_metrics()
    revenue = marts.rows(
        "select minute, received_amount, refunded_amount, payment_count, refund_count "
        "from rt.rt_revenue_per_minute"
    )
    assert {row[0]: row[1:] for row in revenue} == shop.revenue()
    events = marts.rows("select minute, event_type, event_count from rt.rt_events_per_minute")
    assert {row[:2]: row[2] for row in events} == shop.events_per_minute()
    funnel = marts.rows("select window_start, platform, views, carts, purchases from rt.rt_funnel_metrics")
    assert {row[:2]: row[2:] for row in funnel} == shop.funnel()
    sold = marts.rows(
        "select window_start, category, order_count, units_sold, gmv from rt.rt_category_velocity"
    )
    assert {row[:2]: row[2:] for row in sold} == shop.velocity()
    hours = marts.rows("select sum(order_count), sum(gmv), sum(cancelled_order_count) from rt.mv_hourly_gmv")
    assert hours == marts.rows(
        "select sum(order_count), sum(gmv), sum(cancelled_order_count) from rt.rt_order_metrics"
    )


def order_metrics(marts: Marts) -> dict[tuple[object, ...], tuple[object, ...]]:
    """rt_order_metrics by its key."""
    return {row[:3]: row[3:] for row in marts.rows("select * from rt.rt_order_metrics")}


def arrive(marts: Marts, batches: Arrivals) -> None:
    """Let inserts arrive one by one, and bring up to date what follows from them."""
    for batch in batches:
        marts.arrive(batch)
    marts.refresh()
