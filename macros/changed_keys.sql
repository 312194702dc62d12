{#- Incremental by changed keys: a run's cost follows what changed, not what exists.

    A model names a key that divides its rows (an order, a day) and the inputs that rows of a key are computed from. A
    run collects the keys whose inputs have changed since the model's last one, computes the rows of these keys whole,
    and appends those that are new or have another content as new versions; a row that is no longer computed gets a
    tombstone. Since rows are computed from the current inputs alone, incremental runs and a full refresh give the same
    rows.

        with
        {{ changed_keys('changed_orders', [
            keys_in(ref('ods_payments'), 'order_id', row_id='payment_id'),
            keys_referring_to(ref('ods_sellers'), 'seller_id', referring=ref('ods_order_items'), key='order_id'),
        ]) }}
        payments as (
            select * from {{ current_rows(ref('ods_payments')) }}
            {{ where_changed('changed_orders', 'order_id') }}
        ),
        ...
        {{ versions_of('payment_rows', changed='changed_orders', key='order_id') }} -#}

{#- The CTE of the changed keys, on a run that is not the first; nothing otherwise. `inputs`: queries for keys, whose
    columns have the same names. -#}
{% macro changed_keys(name, inputs) -%}
{%- if is_incremental() -%}
{{ name }} as (
    {{ inputs | join('\n    union distinct\n    ') }}
),
{%- endif -%}
{%- endmacro %}

{#- The keys of an input's changed rows. With `row_id`, the input's row identifier, also the keys that this model has for
    these rows: a row that moves to another key leaves its old one. -#}
{% macro keys_in(relation, key, row_id=none) -%}
select {{ listed(key) }} from {{ changed_rows(relation) }} as changed
{%- if row_id %}
    union distinct
    select {{ listed(key) }}
    from {{ current_rows(this) }} as known
    where {{ row_id }} in (select {{ row_id }} from {{ changed_rows(relation) }} as changed)
{%- endif -%}
{%- endmacro %}

{#- The keys of rows that refer to changed rows of an input by a column that both have. -#}
{% macro keys_referring_to(relation, column, referring, key) -%}
select {{ listed(key) }}
    from {{ current_rows(referring) }} as referring
    where {{ column }} in (select {{ column }} from {{ changed_rows(relation) }} as changed)
{%- endmacro %}

{#- The keys of this model's rows for which a condition holds. -#}
{% macro keys_where(condition, key) -%}
select {{ listed(key) }}
    from {{ current_rows(this) }} as known
    where {{ condition }}
{%- endmacro %}

{#- The keys of this model's rows whose exchange rate may be another one: that of a column of days, in the row's currency.
    A new reporting currency concerns all rows. -#}
{% macro keys_of_changed_rates(day, key) -%}
    {%- set changed = changed_rows(ref('ods_fx_rates')) ~ ' as changed' -%}
    {{- keys_where(
        'currency in (select currency from ' ~ changed ~ ') and ' ~ day ~ ' >= (select min(rate_date) from ' ~ changed ~ ')', key
    ) }}
    union distinct
    {{ keys_where(
        "coalesce(reporting_currency, '') <> coalesce((select max(reporting_currency) from " ~ ref('dim_fx_rate') ~ "), '')", key
    ) }}
{%- endmacro %}

{#- The condition that limits an input to the changed keys, on a run that is not the first. -#}
{% macro where_changed(changed, key) -%}
    {%- if is_incremental() -%}
    where ({{ listed(key) }}) in (select {{ listed(key) }} from {{ changed }})
    {%- endif -%}
{%- endmacro %}

{#- The end of such a model: new versions of the computed rows (a CTE) that are new or changed, and tombstones for rows of
    changed keys that are gone. Without `changed`, every row was computed. -#}
{% macro versions_of(rows, changed=none, key=none) -%}
{%- set columns = content_columns() -%}
{%- if is_incremental() -%}
{%- set unique_key = listed(config.get('unique_key')) -%}
select
    {{ columns }},
    {{ row_version(is_deleted=0) }}
from (
    select {{ columns }} from {{ rows }}
    except
    select {{ columns }} from {{ current_rows(this) }} as known {{ where_changed(changed, key) if changed }}
) as versions
union all
select
    {{ columns }},
    {{ row_version(is_deleted=1) }}
from {{ current_rows(this) }} as known
where
    ({{ unique_key }}) in (
        select {{ unique_key }} from {{ current_rows(this) }} as known {{ where_changed(changed, key) if changed }}
        except
        select {{ unique_key }} from {{ rows }}
    )
{%- else -%}
select
    {{ columns }},
    {{ row_version(is_deleted=0) }}
from {{ rows }}
{%- endif -%}
{%- endmacro %}

{#- The columns that order the versions of a row: a later run's version is greater. -#}
{% macro row_version(is_deleted) -%}
{{ assume_not_null("'" ~ run_digits() ~ "'", 'version') }} as _version,
    {{ assume_not_null(is_deleted, 'flag') }} as _is_deleted,
    {{ assume_not_null(run_started()) }} as _loaded_at
{%- endmacro %}

{#- The columns of a model's YAML but for those of `row_version`. -#}
{% macro content_columns() -%}
    {%- set declared = graph.get('nodes', {}).get('model.' ~ project_name ~ '.' ~ this.identifier, {}).get('columns', {}) -%}
    {{- return(listed(declared.keys() | reject('in', ['_version', '_is_deleted', '_loaded_at']) | list) or '*') -}}
{%- endmacro %}

{#- One column or several, as SQL. -#}
{% macro listed(columns) -%}
    {{- return(columns if columns is string else columns | join(', ')) -}}
{%- endmacro %}

{#- The rows of an ODS table or another incremental model written since this model's last run, deleted ones among them. -#}
{% macro changed_rows(relation) -%}
    {{ stored_rows(relation, '_loaded_at > ' ~ last_run(this)) }}
{%- endmacro %}

{#- The rows of such a table as they are stored, deleted ones among them. -#}
{% macro stored_rows(relation, condition='true') -%}
    {{- return(adapter.dispatch('stored_rows', 'tradewind')(relation, condition)) -}}
{%- endmacro %}

{% macro clickhouse__stored_rows(relation, condition) -%}
    (select * from {{ relation }} where {{ condition }} settings final = 0)
{%- endmacro %}

{% macro spark__stored_rows(relation, condition) -%}
    (select * from {{ relation }} where {{ condition }})
{%- endmacro %}

