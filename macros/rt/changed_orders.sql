{#- What is made from several states (`follows`) is brought up to date by what arrived in them: every few seconds a view
    selects it, and each state's own view follows from that. While nothing arrives, the engine plans this one select. -#}

{% macro changed_orders() -%}
with {{ last_refresh() }} as last_refresh

{% set states = {
    'order': ['state_orders', 'order_id', 'minute'],
    'line': ['state_order_items', 'order_item_id', "toDateTime(0, 'UTC')"],
    'payment': ['state_payments', 'payment_id', 'minute'],
    'refund': ['state_refunds', 'return_id', 'minute'],
} -%}
{%- for changed, (state, id, minute) in states.items() %}
{%- set rows = 'rt.' ~ (state_in_use(state).table_name or state) %}
{{ 'union all\n' if not loop.first -}}
select order_id, '{{ changed }}' as changed, {{ minute }} as minute, {{ id }} as changed_id
from {{ rows }}
where {{ only(arrived_since_refresh(rows, 'order_id' if changed == 'line' else 'minute')) }}
{%- endfor %}
{%- endmacro %}
