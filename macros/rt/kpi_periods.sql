{#- The three periods that v_live_kpi compares: today so far, and as much of yesterday and of the same day a week ago. Days
    are those of the reporting time zone. -#}

{% macro kpi_day_start(days_ago) -%}
    (toStartOfDay(now('{{ reporting_time_zone() }}')) - interval {{ days_ago }} day)
{%- endmacro %}

{#- The end of today; the present time of an earlier day. -#}
{% macro kpi_end(days_ago) -%}
    {{- return("(now('" ~ reporting_time_zone() ~ "') - interval " ~ days_ago ~ ' day)' if days_ago else kpi_day_start(-1)) -}}
{%- endmacro %}

{% macro kpi_period(at) -%}
    multiIf(
        {%- for period, days_ago in {'today': 0, 'yesterday': 1, 'week_ago': 7}.items() %}
        {{ at }} >= {{ kpi_day_start(days_ago) }} and {{ at }} < {{ kpi_end(days_ago) }}, '{{ period }}',
        {%- endfor %}
        ''
    )
{%- endmacro %}

{#- The minutes that these periods touch: what limits how much is read. -#}
{% macro kpi_minutes() -%}
    (
        {%- for days_ago in [0, 1, 7] %}
        {{ 'or ' if not loop.first }}minute >= {{ kpi_day_start(days_ago) }} and minute < {{ kpi_end(days_ago) }}
        {%- endfor %}
    )
{%- endmacro %}

{#- The counts and amounts of the orders of one period, as columns named after it. -#}
{% macro kpi_sales(period) -%}
    {{ not_null(row_count("is_gmv and period = '" ~ period ~ "'"), 'bigint') }} as order_count_{{ period }},
        {{ not_null("coalesce(sum(gmv) filter (where period = '" ~ period ~ "'), 0)", 'decimal(18,2)') }} as gmv_{{ period }},
        {{ not_null(distinct_count('user_id', "is_gmv and period = '" ~ period ~ "'"), 'bigint') }} as unique_buyers_{{ period }},
        {{ not_null(row_count("is_cancelled and period = '" ~ period ~ "'"), 'bigint') }} as cancelled_order_count_{{ period }}
{%- endmacro %}

{#- The revenue of one period, as a column named after it. -#}
{% macro kpi_revenue(period) -%}
    {{ not_null("coalesce(sum(revenue) filter (where period = '" ~ period ~ "'), 0)", 'decimal(18,2)') }} as revenue_{{ period }}
{%- endmacro %}
