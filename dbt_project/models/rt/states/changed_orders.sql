-- Grain: one row per order, order line, payment and refund of which something arrived since the last refresh. Nothing is
-- kept: the states that follow it (`follows`) are brought up to date with each row.
-- depends_on: {{ ref('state_orders') }}, {{ ref('state_order_items') }}, {{ ref('state_payments') }}, {{ ref('state_refunds') }}
{{ config(refresh_seconds=var('rt_refresh_seconds'), contract={'enforced': false}) }}
{{ changed_orders() }}
