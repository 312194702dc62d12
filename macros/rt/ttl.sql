{#- How long the states keep rows. -#}

{#- By the minute they are in; the row of a truncate stays. -#}
{% macro minute_ttl() -%}
    minute + toIntervalDay({{ var('rt_retention_days') }}) delete where minute > toDateTime(0, 'UTC')
{%- endmacro %}

{#- By their arrival, of rows that are needed no longer than the orders they belong to; the row of a truncate stays. -#}
{% macro arrival_ttl() -%}
    toDateTime(arrived_at, 'UTC') + toIntervalDay({{ 2 * var('rt_retention_days') }}) delete where order_id > {{ truncate_place('bigint') }}
{%- endmacro %}
