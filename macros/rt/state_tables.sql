{#- Which table a state is in now, and what is left of those it was in before. -#}

{% macro create_rt_tables() -%}
    {%- if target.type == 'clickhouse' and execute -%}
        {%- do run_query(
            "create table if not exists ops.rt_states ("
            "state String comment 'The state, a model in dbt_project/models/rt/states', "
            "table_name String comment 'Its table in rt', "
            "definition String comment 'Checksum of the SQL and the settings it was built from', "
            "built_at DateTime64(6, 'UTC') default now64(6) comment 'When it was complete'"
            ") engine = ReplacingMergeTree(built_at) order by state"
        ) -%}
        {%- do run_query(
            "create table if not exists ops.rt_refreshes ("
            "view String comment 'A refreshed view in rt', "
            "started_at DateTime64(6, 'UTC') comment 'When its last known complete refresh began'"
            ") engine = ReplacingMergeTree(started_at) order by view"
        ) -%}
        {%- do run_query(
            "create materialized view if not exists ops.rt_refreshes_mv refresh every 1 minute append to ops.rt_refreshes as "
            "select view, toDateTime64(last_success_time, 6, 'UTC') - toIntervalMillisecond(last_success_duration_ms) as started_at "
            "from system.view_refreshes where database = 'rt' and last_success_time is not null"
        ) -%}
    {%- endif -%}
{%- endmacro %}

{#- The table of a state and the checksum of its definition; empty ones where it was never built, or has been dropped. -#}
{% macro state_in_use(state) -%}
    {%- set found = run_query(
        "select table_name, definition from ops.rt_states final where state = '" ~ state ~ "' and table_name in ("
        "select name from system.tables where database = 'rt') and table_name || '_mv' in ("
        "select name from system.tables where database = 'rt')"
    ).rows if execute else [] -%}
    {{- return({'table_name': found[0][0], 'definition': found[0][1]} if found else {'table_name': '', 'definition': ''}) -}}
{%- endmacro %}

{#- What a mart reads of a state: the rows that are there, straight from its table. (A view between them would have the
    engine plan the state once more for every mart.) -#}
{% macro state(name) -%}
    {%- set relation = ref(name) -%}
    {%- set table = state_in_use(name).table_name if relation.schema else '' -%}
    {{- rows_in_place(table, graph.nodes['model.tradewind.' ~ name]) if table else relation -}}
{%- endmacro %}

{#- The rows of a state's table that are there: the newest of each key, unless it says gone or is older than a truncate. -#}
{% macro rows_in_place(table, node) -%}
    {%- set rows = node.schema ~ '.' ~ table -%}
    {%- if node.config.refresh_seconds -%}
    {{ rows }}
    {%- elif node.config.follows -%}
    (select * from {{ rows }} final)
    {%- else -%}
    {%- set first = node.config.order_by[0] -%}
    (
        select * except (is_gone)
        from {{ rows }} final
        where not is_gone and position > {{ truncated_at(rows, first, node.columns[first].data_type) }}
    )
    {%- endif -%}
{%- endmacro %}

{#- For a state that is made from another: all of that one's rows, also those that say gone. -#}
{% macro all_rows_of(state) -%}
    {%- set relation = ref(state) -%}
    {%- set table = state_in_use(state).table_name if relation.schema else '' -%}
    {{- return(relation.schema ~ '.' ~ table if table else relation) -}}
{%- endmacro %}

{#- The number of the next table: greater than any that is there, whatever became of it. -#}
{% macro next_state_number(relation) -%}
    {{- return(run_query(
        "select coalesce(max(toUInt32OrZero(extract(name, '^" ~ relation.identifier ~ "__([0-9]+)$'))), 0) + 1 from system.tables "
        "where database = '" ~ relation.schema ~ "'"
    ).columns[0].values()[0] | int) -}}
{%- endmacro %}

{#- After a run: drop tables of states that no state is in any more and no view reads. Those that are made from them go
    first. -#}
{% macro drop_unused_state_tables() -%}
    {%- if target.type == 'clickhouse' and execute and flags.WHICH in ('run', 'build') -%}
        {%- set waiting = namespace(tables=unused_state_tables()) -%}
        {%- for _ in range(10) if waiting.tables -%}
            {%- for table in waiting.tables -%}
                {%- do run_query('drop view if exists rt.' ~ table ~ '_mv sync') -%}
                {%- do run_query('drop table if exists rt.' ~ table ~ ' sync') -%}
            {%- endfor -%}
            {%- set waiting.tables = unused_state_tables() -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{% macro unused_state_tables() -%}
    {%- set names = [] -%}
    {%- set found = run_query(
        "with states as (select name from system.tables where database = 'rt' and match(name, '__[0-9]+$')) "
        "select name from states where name not in (select table_name from ops.rt_states final) "
        "and not exists (select 1 from system.tables as views where views.database = 'rt' and views.name != states.name || '_mv' "
        "and match(views.as_select, 'rt.' || states.name || '[^0-9]')) "
        "union all "
        ~ unused_join_tables()
    ) -%}
    {%- for row in found.rows -%}
        {%- do names.append(row[0]) -%}
    {%- endfor -%}
    {{- return(names) -}}
{%- endmacro %}

{#- Former versions of this project looked rates and categories up in Join tables. -#}
{% macro unused_join_tables() -%}
    select name from system.tables where database = 'rt' and engine = 'Join'
    and not exists (select 1 from system.tables where database = 'rt' and as_select like '%joinGet%')
{%- endmacro %}
