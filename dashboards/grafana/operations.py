"""The dashboard "Operations": whether the platform itself is well, as Prometheus has seen it."""

from __future__ import annotations

from dashboards.grafana.dashboard import Row, dashboard
from dashboards.grafana.panels import Scale, lines, promql, stat, table

COUNT = Scale(decimals=0, minimum=0)
NONE_IS_GOOD = Scale(decimals=0, steps=(("green", None), ("red", 1)))
REQUESTS = Scale("reqps", minimum=0)
SECONDS = Scale("s", minimum=0)
FRACTION = Scale("percentunit", minimum=0, maximum=1)
UP = Scale(
    decimals=0,
    steps=(("red", None), ("green", 1)),
    texts=(("0", "down", "red"), ("1", "up", "green")),
)

HEADLINES = Row(
    5,
    [
        stat("Targets", "Whether Prometheus reaches what it collects from.", [promql("up", "{{job}}")], UP),
        stat(
            "Services up",
            "Services of the home's supervisor that run, of those that were started.",
            [
                promql("sum(tradewind_service_up)", "up"),
                promql("count(tradewind_service_up)", "started"),
            ],
            COUNT,
        ),
        stat(
            "Alerts firing",
            "Alerts on the shop's figures, by severity (docs/alerts.md).",
            [promql('sum by (severity) (tradewind_alerts{state="firing"})', "{{severity}}")],
            NONE_IS_GOOD,
        ),
        stat(
            "Failed checks",
            "Checks of the warehouse's tables whose latest result is a failure or an error.",
            [promql('sum(tradewind_checks{status=~"fail|error"})', "failed")],
            NONE_IS_GOOD,
        ),
        stat(
            "Stale marts",
            "Near-real-time marts that are too far behind the shop.",
            [promql("sum(tradewind_mart_stale)", "stale")],
            NONE_IS_GOOD,
        ),
        stat(
            "Messages waiting",
            "Messages of alerts that a receiver has not taken yet.",
            [
                promql(
                    "sum(tradewind_alert_messages_waiting)"
                    ' or sum(0 * (tradewind_reading_success{reading="waiting_messages"} == 1))',
                    "waiting",
                )
            ],
            NONE_IS_GOOD,
        ),
    ],
)
REQUESTS_ROW = Row(
    8,
    [
        lines(
            "Request rate",
            "Requests to the API per second, by route.",
            [promql("sum by (path) (rate(tradewind_api_requests_total[$__rate_interval]))", "{{path}}")],
            REQUESTS,
        ),
        lines(
            "Error ratio",
            "Answers of status 5xx as a fraction of all.",
            [
                promql(
                    '(sum(rate(tradewind_api_requests_total{status=~"5.."}[$__rate_interval])) or vector(0))'
                    " / sum(rate(tradewind_api_requests_total[$__rate_interval]))",
                    "errors",
                )
            ],
            FRACTION,
        ),
        lines(
            "Cache hit rate",
            "Answers from the API's cache, as a fraction of those that may come from it.",
            [
                promql(
                    "rate(tradewind_api_cache_hits_total[$__rate_interval])"
                    " / (rate(tradewind_api_cache_hits_total[$__rate_interval])"
                    " + rate(tradewind_api_cache_misses_total[$__rate_interval]))",
                    "hits",
                )
            ],
            FRACTION,
        ),
    ],
)


def _latency(quantile: float) -> str:
    return (
        f"histogram_quantile({quantile}, sum by (le, path)"
        " (rate(tradewind_api_request_seconds_bucket[$__rate_interval])))"
    )


LATENCY = Row(
    8,
    [
        lines(
            "Latency, p50",
            "Seconds within which half of the answers of a route come.",
            [promql(_latency(0.5), "{{path}}")],
            SECONDS,
        ),
        lines(
            "Latency, p99",
            "Seconds within which 99 of 100 answers of a route come.",
            [promql(_latency(0.99), "{{path}}")],
            SECONDS,
        ),
        lines(
            "Live clients",
            "Clients of the WebSockets, and those that were dropped since they did not keep up.",
            [
                promql("sum(tradewind_api_live_clients)", "clients"),
                promql(
                    "sum(increase(tradewind_api_live_dropped_clients_total[$__rate_interval]))", "dropped"
                ),
            ],
            COUNT,
        ),
    ],
)
DATA = Row(
    8,
    [
        lines(
            "Data freshness",
            "Seconds that each near-real-time mart is behind the shop.",
            [promql("max by (mart) (tradewind_mart_behind_seconds)", "{{mart}}")],
            SECONDS,
        ),
        lines(
            "Capture lag",
            "From a commit in the shop until its change was in bronze.",
            [promql("max(tradewind_capture_lag_seconds)", "lag")],
            SECONDS,
        ),
        lines(
            "Records landed",
            "Rows that the capture writes to bronze per second.",
            [promql("sum(rate(tradewind_capture_rows_total[$__rate_interval]))", "rows")],
            Scale("wps", minimum=0),
        ),
    ],
)
PROCESSES = Row(
    8,
    [
        lines(
            "Services",
            "1 while a service runs, else 0.",
            [promql("max by (service) (tradewind_service_up)", "{{service}}")],
            UP,
        ),
        lines(
            "Restarts",
            "How often a service's process was started anew within an hour.",
            [promql("sum by (service) (changes(tradewind_service_start_time_seconds[1h]))", "{{service}}")],
            COUNT,
        ),
        table(
            "Alerts of Prometheus",
            "What is wrong with the platform now, with runbooks in docs/monitoring.md.",
            [promql('ALERTS{alertstate="firing"}', is_instant=True)],
            COUNT,
            hidden=("Time", "Value", "__name__", "alertstate", "instance"),
        ),
    ],
)
DASHBOARD = dashboard(
    "tradewind-operations",
    "Operations",
    "The API, the data's freshness, services, alerts and checks.",
    [HEADLINES, REQUESTS_ROW, LATENCY, DATA, PROCESSES],
    since="now-1h",
)
