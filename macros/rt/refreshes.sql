{#- States that are made from other states (`refresh_seconds`): what came since the last refresh. -#}

{#- The start of the last complete refresh of this state's view, less an overlap: longer than a row is stamped before it
    can be read. The engine forgets it when it restarts, so it is written down too (record_refreshes); where neither is
    known, as at the first filling, everything is new. -#}
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

{#- The position of the last truncate that a state's table knows of; 0 if there was none. -#}
{% macro truncated_at(rows, first_key) -%}
    (select coalesce(max(position), toUInt128(0)) from {{ rows }} where {{ first_key }})
{%- endmacro %}
