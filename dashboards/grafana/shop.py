"""The dashboard "Shop live": what the shop sells and what its visitors do, as the marts have it."""

from __future__ import annotations

from dashboards.grafana.dashboard import Row, dashboard
from dashboards.grafana.panels import Scale, bars, currency_variable, lines, sql, stat, table

COUNT = Scale(decimals=0)
MONEY = Scale("none", decimals=2)
RATE = Scale("percentunit", decimals=1)
SECONDS_BEHIND = Scale("s", decimals=1, steps=(("green", None), ("red", 10)))
MONTH = "30d"
DAYS = "event_date between toDate($__fromTime - interval 12 hour) and toDate($__toTime + interval 14 hour)"
"""Days are the shop's: those that have begun anywhere on Earth, so that today is always among them."""

HEADLINES = Row(
    5,
    [
        stat(
            "Revenue today",
            "Money received less refunds, in $currency, since the shop's midnight; beside yesterday up to "
            "the same time.",
            sql('select revenue_today as "Today", revenue_yesterday as "Yesterday" from rt.v_live_kpi'),
            MONEY,
        ),
        stat(
            "Orders today",
            "Orders that count towards GMV, and how many accounts placed them.",
            sql('select order_count_today as "Orders", unique_buyers_today as "Buyers" from rt.v_live_kpi'),
            COUNT,
        ),
        stat(
            "Total events",
            "Events of the chosen time, those of known bots among them.",
            sql(
                'select sum(event_count) as "Events", sum(bot_event_count) as "Of bots"\n'
                "from rt.rt_events_per_minute\nwhere $__timeFilter(minute)"
            ),
            COUNT,
        ),
        stat(
            "Daily active users",
            "Different visitors per day of the shop, bots left out; as of the last build.",
            sql(
                'select toDateTime(event_date) as time, dau_count as "Daily active users"\n'
                f"from ads.ads_conversion_rate_daily\nwhere {DAYS}\norder by time",
                is_time_series=True,
            ),
            COUNT,
            since=MONTH,
        ),
        stat(
            "Conversion",
            "Buyers as a fraction of daily active users; as of the last build.",
            sql(
                'select toDateTime(event_date) as time, conversion_rate as "Conversion"\n'
                f"from ads.ads_conversion_rate_daily\nwhere {DAYS}\norder by time",
                is_time_series=True,
            ),
            RATE,
            since=MONTH,
        ),
        stat(
            "Behind the shop",
            "Seconds since the newest commit that the live marts have seen.",
            sql('select seconds_behind as "Seconds" from rt.v_live_kpi'),
            SECONDS_BEHIND,
        ),
    ],
)
FLOW = Row(
    9,
    [
        lines(
            "Revenue per minute",
            "Money received less refunds, in $currency; minutes without either have no bar.",
            sql(
                'select minute as time, revenue as "Revenue"\n'
                "from rt.rt_revenue_per_minute\nwhere $__timeFilter(minute)\norder by time",
                is_time_series=True,
            ),
            MONEY,
            style="bars",
        ),
        lines(
            "Events per minute",
            "What visitors do, by kind of event.",
            sql(
                'select minute as time, event_type, event_count as "Events"\n'
                "from rt.rt_events_per_minute\nwhere $__timeFilter(minute)\norder by time, event_type",
                is_time_series=True,
            ),
            COUNT,
            style="bars",
            is_stacked=True,
        ),
    ],
)
CATEGORIES = Row(
    9,
    [
        bars(
            "Revenue by category",
            "Sales per category over the last 30 days, in $currency; as of the last build.",
            sql(
                'select category, sum(category_revenue) as "Revenue"\n'
                f"from ads.ads_category_sales_daily\nwhere {DAYS}\n"
                'group by category\norder by "Revenue" desc, category\nlimit 15'
            ),
            MONEY,
            since=MONTH,
        ),
        bars(
            "Top categories",
            "What sells in the chosen time: GMV in $currency.",
            sql(
                'select category, sum(gmv) as "GMV"\n'
                "from rt.rt_category_velocity\nwhere $__timeFilter(window_start)\n"
                'group by category\norder by "GMV" desc, category\nlimit 10'
            ),
            MONEY,
        ),
    ],
)
STREAMS = Row(
    10,
    [
        table(
            "Event stream",
            "The newest events of the last hour, those of known bots among them.",
            sql(
                'select occurred_at as "At", event_type as "Event", platform as "Platform",\n'
                '    country as "Country", product_id as "Product", is_bot as "Bot"\n'
                "from rt.rt_live_events\norder by occurred_at desc, event_id desc\nlimit 50"
            ),
            Scale("none"),
        ),
        table(
            "Latest orders",
            "The newest orders of the last 24 hours; totals in $currency.",
            sql(
                'select ordered_at as "Ordered at", order_id as "Order", status as "Status",\n'
                '    total_amount as "Total", channel as "Channel", city as "City"\n'
                "from rt.rt_live_orders\norder by ordered_at desc, order_id desc\nlimit 50"
            ),
            Scale("none"),
        ),
    ],
)
DASHBOARD = dashboard(
    "tradewind-shop-live",
    "Shop live",
    "What the shop sells and what its visitors do. Every figure is a mart's column.",
    [HEADLINES, FLOW, CATEGORIES, STREAMS],
    since="now-6h",
    variables=[currency_variable()],
)
