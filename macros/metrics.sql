{#- Business definitions, each stated once; dbt_project/docs/metrics.md describes them. -#}

{#- Whether an account is left out of business figures, with its orders and visits: one of testers, or a bot. -#}
{% macro is_left_out(user) -%}
    {{ user }}.is_test or {{ user }}.is_bot
{%- endmacro %}

{#- `known`: the alias whose is_test says whether the order is left out, if it is not the order's own. -#}
{% macro counts_towards_gmv(order, known=none) -%}
    not {{ known or order }}.is_test and not ({{ order }}.status = 'cancelled' and {{ order }}.paid_at is null)
{%- endmacro %}

{#- An amount where the order counts towards GMV, 0 otherwise. -#}
{% macro gmv_only(order, amount, known=none) -%}
    {{ as_type('case when ' ~ counts_towards_gmv(order, known) ~ ' then coalesce(' ~ amount ~ ', 0) else 0 end', 'decimal(18,2)') }}
{%- endmacro %}

{#- The commission rate of a contract, the standard rate where it has none. -#}
{% macro commission_rate_of(contract) -%}
    {%- set standard = as_type("'" ~ var('standard_commission_rate') ~ "'", 'decimal(6,4)') -%}
    {{ as_type('coalesce(' ~ contract ~ '.commission_rate, ' ~ standard ~ ')', 'decimal(6,4)') }}
{%- endmacro %}

{#- Of a cancelled order nothing is left, be it cancelled before or after payment. -#}
{% macro counts_towards_net_gmv(order, known=none) -%}
    {{ counts_towards_gmv(order, known) }} and {{ order }}.status <> 'cancelled'
{%- endmacro %}

{#- The platform's fee on a line's value; 0 where its order counts no longer. -#}
{% macro commission_on(value, rate, is_net_gmv) -%}
    {{ money_times('case when ' ~ is_net_gmv ~ ' then ' ~ value ~ ' else 0 end', rate) }}
{%- endmacro %}

{#- Money came in, whether or not a chargeback took it back later. -#}
{% macro is_received(payment) -%}
    {{ payment }}.status in ('captured', 'charged_back')
{%- endmacro %}

{% macro is_charged_back(payment) -%}
    {{ payment }}.status = 'charged_back'
{%- endmacro %}

{% macro is_refunded(order_return) -%}
    {{ order_return }}.status = 'refunded'
{%- endmacro %}

{#- The visitor of an event: the account, else the device, else the session. -#}
{% macro visitor_of(event) -%}
    coalesce({{ as_type(event ~ '.user_id', 'text') }}, {{ event }}.device_fingerprint, {{ event }}.session_id)
{%- endmacro %}

{#- The buyers' loyalty tiers as numbers, the highest tier the greatest. -#}
{% macro loyalty_rank(tier) -%}
    case {{ tier }} when 'platinum' then 4 when 'gold' then 3 when 'silver' then 2 else 1 end
{%- endmacro %}

{#- A score of 1 to 5 by rank among all rows: the best fifth has 5. Equal values have equal scores. -#}
{% macro quintile(order_by) -%}
    {{ as_type('5 - floor(5 * (rank() over (order by ' ~ order_by ~ ') - 1) / count(*) over ())', 'int') }}
{%- endmacro %}

{#- The first tier whose thresholds are all reached, from `tiers`, a list of {name, at_least: {column: value}}. -#}
{% macro tier_of(tiers) -%}
    case
        {%- for tier in tiers if tier.at_least %}
        when
            {%- for column, value in tier.at_least.items() %}
            {{ 'and ' if not loop.first }}coalesce({{ column }}, 0) >= {{ value }}
            {%- endfor %}
            then '{{ tier.name }}'
        {%- endfor %}
        else '{{ tiers[-1].name }}'
    end
{%- endmacro %}

{#- 1 to 3: the lowest, middle and highest third of a group by a value. Equal values are in the same third. -#}
{% macro tercile(partition_by, value) -%}
    {{ as_type('1 + floor(3 * (rank() over (partition by ' ~ partition_by ~ ' order by ' ~ value ~ ') - 1) / count(*) over (partition by ' ~ partition_by ~ '))', 'int') }}
{%- endmacro %}

{% macro frequency_score(order_count) -%}
    {{ as_type('case when ' ~ order_count ~ ' >= 6 then 5 when ' ~ order_count ~ ' >= 4 then 4 when ' ~ order_count ~ ' = 3 then 3 when ' ~ order_count ~ ' = 2 then 2 else 1 end', 'int') }}
{%- endmacro %}

{#- The columns of `ads_contribution_margin` that add up to its margin, and the margins. -#}
{% macro margin_amounts() -%}
    {{- return([
        'goods_amount', 'seller_discount', 'platform_discount', 'commission', 'cost_of_goods', 'shipping_income', 'shipping_cost',
        'payment_fee', 'marketplace_fee', 'ad_spend', 'seller_margin', 'platform_margin', 'contribution_margin',
    ]) -}}
{%- endmacro %}

{#- Days after a buyer's first order, the day of it included, for which `ads_customer_ltv` has the value. -#}
{% macro ltv_horizons() -%}
    {{- return([30, 90, 365]) -}}
{%- endmacro %}
