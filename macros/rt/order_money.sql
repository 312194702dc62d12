{#- The payments or refunds of state_order_money, also those that are gone: what changed, or whose order did. The newest
    is chosen among all rows of a movement, as its order may have changed too. -#}
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
from {{ rows }}
where
    minute > toDateTime(0, 'UTC')
    and (minute, {{ id }}) in (
        select minute, changed_id from touched where changed = '{{ movement }}'
        union distinct
        select minute, {{ id }} from {{ rows }} where order_id in (select order_id from touched where changed = 'order')
    )
order by position desc
limit 1 by minute, {{ id }}
{%- endmacro %}
