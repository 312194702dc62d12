{#- The materialization of a state: a table that always holds what its SQL says of all that has arrived
    (docs/near-real-time.md).

    The rows are in a table `<model>__<number>`, which a materialized view fills with each insert into the change log.
    What is made from several states follows (`follows`) a model that is no table but a selection of what has arrived
    in them, refreshed every `refresh_seconds` (macros/rt/changed_orders.sql). Another definition, or a full refresh, makes the next table
    beside the one in use and fills it; rows may be written twice, so what arrives meanwhile goes into both. Then the
    marts are made to read it (`state`), each at once. The model's name is a view of the rows, for people.

    Config: order_by (the key), version (what ranks the rows of a key; the log position, unless given), partition_by,
    ttl, follows; or refresh_seconds. -#}

{% materialization state, adapter='clickhouse' %}
    {%- set known = state_in_use(this.identifier) -%}
    {%- set definition = local_md5(sql ~ state_engine() ~ config.get('refresh_seconds')) -%}
    {{ run_hooks(pre_hooks) }}
    {%- if known.definition == definition and not should_full_refresh() -%}
        {%- set table = known.table_name -%}
    {%- else -%}
        {%- set table = build_state(sql) -%}
    {%- endif -%}
    {%- call statement('main') -%}
        {{ clickhouse__create_view_as(this.incorporate(type='view'), 'select * from ' ~ rows_in_place(table, model)) }}
    {%- endcall -%}
    {%- if table != known.table_name -%}
        {%- do run_query(
            'insert into ops.rt_states (state, table_name, definition) values '
            ~ ("('%s', '%s', '%s')" % (this.identifier, table, definition))
        ) -%}
    {%- endif -%}
    {%- do persist_docs(this, model) -%}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [this.incorporate(type='view')]}) }}
{% endmaterialization %}

{#- Make the next table of this state and fill it; its name. -#}
{% macro build_state(sql) -%}
    {%- set name = this.identifier ~ '__' ~ next_state_number(this) -%}
    {%- set table = this.schema ~ '.' ~ name -%}
    {%- set body = sql | replace('__this_state__', name) -%}
    {%- set seconds = config.get('refresh_seconds') -%}
    {%- set view = 'create materialized view ' ~ table ~ '_mv' -%}
    {%- do run_query('create table ' ~ table ~ ' ' ~ state_engine() ~ ' empty as ' ~ body) -%}
    {%- for index in config.get('indexes', []) -%}
        {%- do run_query('alter table ' ~ table ~ ' add index ' ~ index.split(' ')[0] ~ ' ' ~ index | replace(' ', ' type ') ~ ' granularity 1') -%}
    {%- endfor -%}
    {%- if seconds -%}
        {%- do run_query('insert into ops.rt_refreshes (view, started_at) select ' ~ "'" ~ name ~ "_mv', now64(6)") -%}
        {%- do run_query(view ~ ' refresh every ' ~ seconds ~ ' second append to ' ~ table ~ ' as ' ~ body) -%}
    {%- elif config.get('follows') -%}
        {%- do run_query(view ~ ' to ' ~ table ~ ' as ' ~ body) -%}
        {%- for piece in pieces_of_orders() -%}
            {%- set all_of_it = modules.re.sub('(?s)/\\*only\\*/.*?/\\*end\\*/', piece, changed_orders()) -%}
            {%- do run_query('insert into ' ~ table ~ ' ' ~ body | replace(all_rows_of(config.get('follows')), '(' ~ all_of_it ~ ')')) -%}
        {%- endfor -%}
    {%- else -%}
        {%- do run_query(view ~ ' to ' ~ table ~ ' as ' ~ body) -%}
        {%- do wait_for_running_inserts() -%}
        {%- for chunk in log_chunks(source(*model.sources[0])) -%}
            {%- do run_query('insert into ' ~ table ~ ' ' ~ body | replace('/*chunk*/', chunk)) -%}
        {%- endfor -%}
    {%- endif -%}
    {{- return(name) -}}
{%- endmacro %}

{% macro state_engine() -%}
    {%- if config.get('refresh_seconds') -%}
        {{- return('engine = Null') -}}
    {%- endif -%}
    engine = ReplacingMergeTree({{ config.get('version', 'position') }})
    {%- if config.get('partition_by') %} partition by {{ config.get('partition_by') }}{% endif %}
    order by ({{ config.get('order_by') | join(', ') }})
    {%- if config.get('ttl') %} ttl {{ config.get('ttl') }}{% endif %}
    settings min_parts_to_merge_at_once = 16, merge_selector_enable_heuristic_to_remove_small_parts_at_right = 0, merge_selector_base = 10
{%- endmacro %}

{#- Wait until no insert is running that began before now: it would not write to a view made since. -#}
{% macro wait_for_running_inserts() -%}
    {%- set now = run_query('select toString(now64(6))').columns[0].values()[0] -%}
    {%- set running = "select count() from system.processes where query_kind = 'Insert' and now64(6) - elapsed < toDateTime64('" ~ now ~ "', 6)" -%}
    {%- set waiting = namespace(on=true) -%}
    {%- for _ in range(600) if waiting.on -%}
        {%- if run_query(running).columns[0].values()[0] | int == 0 -%}
            {%- set waiting.on = false -%}
        {%- else -%}
            {%- do run_query('select sleep(0.1)') -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if waiting.on -%}
        {{- exceptions.raise_compiler_error('inserts that began before ' ~ now ~ ' are still running after a minute; build again when they have ended') -}}
    {%- endif -%}
{%- endmacro %}

{#- Conditions that cut a change log into pieces of some million rows, so that no statement runs for minutes. -#}
{% macro log_chunks(log) -%}
    {%- set pieces = (run_query('select count() from ' ~ log).columns[0].values()[0] | int) // 2000000 + 1 -%}
    {%- if pieces == 1 -%}
        {{- return(['']) -}}
    {%- endif -%}
    {%- set levels = [] -%}
    {%- for number in range(1, pieces) -%}
        {%- do levels.append(number / pieces) -%}
    {%- endfor -%}
    {%- set cuts = run_query(
        "select arrayJoin(arrayDistinct(arrayMap(cut -> leftPad(toString(toUInt128(cut)), 38, '0'), "
        ~ 'quantiles(' ~ levels | join(', ') ~ ')(toFloat64(toUInt128OrZero(_position)))))) as cut from ' ~ log ~ ' order by cut'
    ).columns[0].values() | list -%}
    {%- set chunks = ["and _position < '" ~ cuts[0] ~ "'"] -%}
    {%- for cut in cuts[1:] -%}
        {%- do chunks.append("and _position >= '" ~ cuts[loop.index0] ~ "' and _position < '" ~ cut ~ "'") -%}
    {%- endfor -%}
    {{- return(chunks + ["and _position >= '" ~ cuts[-1] ~ "'"]) -}}
{%- endmacro %}

{#- Conditions that cut the orders into pieces small enough to be joined in memory. -#}
{% macro pieces_of_orders() -%}
    {%- set rows = run_query("select coalesce(max(total_rows), 0) from system.tables where database = 'rt'").columns[0].values()[0] | int -%}
    {%- set count = rows // 2000000 + 1 -%}
    {%- set pieces = [] -%}
    {%- for number in range(count) -%}
        {%- do pieces.append('cityHash64(order_id) % ' ~ count ~ ' = ' ~ number) -%}
    {%- endfor -%}
    {{- return(pieces) -}}
{%- endmacro %}
