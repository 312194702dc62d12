{#- Incremental by changed keys: a run's cost follows what changed, not what exists.

    A fact collects the orders that were touched in any of its inputs since its own last run, recomputes their rows
    whole, and appends them as new versions; a row that is gone gets a tombstone. Since rows are always recomputed
    from the current inputs alone, incremental runs and a full refresh give the same rows. -#}

{#- The rows of an ODS table or fact written since this model's last run, deleted ones among them. -#}
{% macro changed_rows(relation) -%}
    {{- return(adapter.dispatch('changed_rows', 'tradewind')(relation)) -}}
{%- endmacro %}

{% macro clickhouse__changed_rows(relation) -%}
    {#- final = 0, for otherwise deleted rows would not be seen. -#}
    (select * from {{ relation }} where _loaded_at >= {{ watermark(this) }} settings final = 0)
{%- endmacro %}

{% macro spark__changed_rows(relation) -%}
    (select * from {{ relation }} where _loaded_at >= {{ watermark(this) }})
{%- endmacro %}

{#- The orders whose amounts in the reporting currency may differ since exchange rates changed. -#}
{% macro orders_changed_by_rates(orders, rates) -%}
    select orders.order_id
    from {{ current_rows(orders) }} as orders
    inner join (
        select currency, min(rate_date) as rate_date from {{ changed_rows(rates) }} as changed group by currency
    ) as rates on orders.currency = rates.currency
    where {{ day_of('orders.ordered_at') }} >= rates.rate_date
{%- endmacro %}

{#- The orders that changed rows are of, and were of: a row that moves to another order leaves its old one. -#}
{% macro orders_changed_by(relation, id) -%}
    select order_id from {{ changed_rows(relation) }} as changed
    union distinct
    select order_id
    from {{ current_rows(this) }}
    where {{ id }} in (select {{ id }} from {{ changed_rows(relation) }} as changed)
{%- endmacro %}

{#- What a later run reads of an input: the touched orders (the CTE `changed_orders`). -#}
{% macro of_changed_orders() -%}
    {%- if is_incremental() -%}
    where order_id in (select order_id from changed_orders)
    {%- endif -%}
{%- endmacro %}

{#- The run's moment as a version: later runs have greater ones. -#}
{% macro run_version() -%}
    {{- not_null("'" ~ modules.re.sub('[^0-9]', '', run_moment()) ~ "'", 'version') -}}
{%- endmacro %}

{#- The end of such a model: the recomputed rows (a CTE) as new versions, and tombstones for the rows of touched
    orders that are gone. The key's first column is the order, so that a row which moved is gone from its old one. -#}
{% macro versions_of(rows, key) -%}
{%- set keys = key | join(', ') -%}
select
    *,
    {{ run_version() }} as _version,
    {{ not_null('0', 'flag') }} as _is_deleted,
    {{ not_null(run_started()) }} as _loaded_at
from {{ rows }}
{%- if is_incremental() %}
union all
select
    * except (_version, _is_deleted, _loaded_at),
    {{ run_version() }} as _version,
    {{ not_null('1', 'flag') }} as _is_deleted,
    {{ not_null(run_started()) }} as _loaded_at
from {{ current_rows(this) }}
where
    ({{ keys }}) in (
        select {{ keys }} from {{ current_rows(this) }} as known {{ of_changed_orders() }}
        except
        select {{ keys }} from {{ rows }}
    )
{%- endif %}
{%- endmacro %}
