{#- The payments or refunds of state_order_money, also those that are gone: what arrived since the last refresh, or whose
    order did. -#}
{% macro order_money(movement, rows, id, amount) -%}
select
    minute,
    '{{ movement }}' as movement,
    {{ id }} as movement_id,
    order_id,
    position,
    {{ truncated_at(rows, 'minute') }} as truncated_at,
    is_gone,
    status,
    currency,
    {{ amount }} as amount
from {{ rows }} final
where
    minute > toDateTime(0, 'UTC')
    and {{ only(
        '(minute, ' ~ id ~ ') in ('
        ~ 'select minute, ' ~ id ~ ' from ' ~ rows ~ ' where ' ~ arrived_since_refresh(rows, 'minute')
        ~ ' union distinct select minute, ' ~ id ~ ' from ' ~ rows ~ ' where order_id in (select order_id from touched_orders))'
    ) }}
{%- endmacro %}
