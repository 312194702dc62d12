{#- What has come since a refreshed view's last refresh (`refresh_seconds`). -#}

{#- The start of the last complete refresh of this view, less an overlap: longer than a row is stamped before it
    can be read. The engine forgets it when it restarts, so it is written down too (rt_refreshes). -#}
{% macro last_refresh() -%}
    (
        select
            greatest(
                coalesce((
                    select max(toDateTime64(last_success_time, 6, 'UTC') - toIntervalMillisecond(last_success_duration_ms))
                    from system.view_refreshes
                    where database = 'rt' and view = '__this_state___mv'
                ), toDateTime64(0, 6, 'UTC')),
                coalesce((select max(started_at) from ops.rt_refreshes where view = '__this_state___mv'), toDateTime64(0, 6, 'UTC'))
            ) - interval {{ var('rt_refresh_overlap_seconds') }} second
    )
{%- endmacro %}

{#- Whether a row arrived since then (a CTE `last_refresh`); after a truncate, every row counts as new. `first_key` is the first of the key. -#}
{% macro arrived_since_refresh(rows, first_key) -%}
    (
        arrived_at >= last_refresh
        or coalesce((select max(arrived_at) from {{ rows }} where {{ is_truncate(first_key) }}) >= last_refresh, false)
    )
{%- endmacro %}

{#- What a refresh is limited to. The filling of a new state is not: it takes all, piece by piece (macros/rt/state.sql). -#}
{% macro only(condition) -%}
    /*only*/{{ condition }}/*end*/
{%- endmacro %}

{#- The position of the last truncate that a state's table knows of; 0 if there was none. -#}
{% macro truncated_at(rows, first_key, type='bigint') -%}
    (select coalesce(max(position), toUInt128(0)) from {{ rows }} where {{ is_truncate(first_key, type) }})
{%- endmacro %}

{#- Whether a row stands for a truncate. -#}
{% macro is_truncate(first_key, type='bigint') -%}
    {{- return("minute = toDateTime(0, 'UTC')" if first_key == 'minute' else first_key ~ ' = ' ~ truncate_place(type)) -}}
{%- endmacro %}
