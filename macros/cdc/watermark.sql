{#- Watermarks: which rows of its inputs a model has not read yet.

    Of other models' tables, those written after the start of its last run that finished: a row carries the start of the
    run that wrote it, and runs follow one another (check_run_order).

    Of a change log, those that arrived since then, and besides those that became visible late: a row is stamped on its
    way in and becomes visible a little later. So a run reads back by an overlap, longer than any insert takes; but of
    what arrived within the overlap only the inserts of which it has not merged every row (ClickHouse). -#}

{#- The run's start as text. Another moment is given by the environment and not by `--vars`, and asked for only when a
    model runs: dbt parses the whole project again after any change of what parsing has read. -#}
{% macro run_moment() -%}
    {%- set given = env_var('TRADEWIND_RUN_STARTED', '') if execute else '' -%}
    {{- return(given or run_started_at.strftime('%Y-%m-%d %H:%M:%S.%f')) -}}
{%- endmacro %}

{% macro run_started() -%}
    {{- return(as_type("'" ~ run_moment() ~ "'", 'timestamptz')) -}}
{%- endmacro %}

{#- The run's start as a number. -#}
{% macro run_digits() -%}
    {{- return(modules.re.sub('[^0-9]', '', run_moment())) -}}
{%- endmacro %}

{#- Whether an event of the log is this run's or an earlier one's: an event belongs to the runs that started after it
    was handed over. Its time stamp says when; the capture gives all events of a batch the same one, and writes them
    table by table, so a cut by arrival would part a batch.

    An event that is left out arrived later than the start less the overlap, where the next run's reading begins; one
    that arrived before that is read whatever its time stamp says, so no difference of clocks can hide it for ever. -#}
{% macro belongs_to_run() -%}
    (_timestamp < {{ run_started() }} or _ingested_at < {{ run_started() }} - interval {{ var('overlap_minutes') }} minute)
{%- endmacro %}

{#- The start of a model's last run that finished. -#}
{% macro last_run(relation) -%}
    {{- return(adapter.dispatch('last_run', 'tradewind')(relation)) -}}
{%- endmacro %}

{% macro clickhouse__last_run(relation) -%}
    (select coalesce(max(loaded_at), toDateTime64(0, 6, 'UTC')) from ops.dbt_models final where model = '{{ state_name(relation) }}')
{%- endmacro %}

{% macro spark__last_run(relation) -%}
    (select coalesce(max(_loaded_at), {{ as_type("'1970-01-01 00:00:00'", 'timestamptz') }}) from {{ relation }})
{%- endmacro %}

{#- From when on a model reads its change log: its last run less the overlap. -#}
{% macro watermark(relation) -%}
    {{ last_run(relation) }} - interval {{ var('overlap_minutes') }} minute
{%- endmacro %}

{#- The condition for events that a model has not merged yet. -#}
{% macro is_unmerged(log) -%}
    {{- return(adapter.dispatch('is_unmerged', 'tradewind')(log)) -}}
{%- endmacro %}

{% macro clickhouse__is_unmerged(log) -%}
    _ingested_at >= {{ watermark(this) }}
        and _ingested_at not in (select arrived_at from ({{ arrivals_since_watermark(log) }}) as arrivals where not is_new)
{%- endmacro %}

{% macro spark__is_unmerged(log) -%}
    _ingested_at >= {{ watermark(this) }}
{%- endmacro %}

{#- The arrivals in a log since the watermark, and whether each has rows that the last run did not see. -#}
{% macro arrivals_since_watermark(log) -%}
    select
        present.arrived_at as arrived_at,
        present.row_count > coalesce(merged.row_count, 0) as is_new
    from ({{ arrivals(log, watermark(this)) }}) as present
    left join (
        select tupleElement(arrayJoin(arrivals), 1) as arrived_at, tupleElement(arrayJoin(arrivals), 2) as row_count
        from ops.dbt_arrivals final
        where model = '{{ state_name(this) }}' and loaded_at = {{ last_run(this) }}
    ) as merged on present.arrived_at = merged.arrived_at
{%- endmacro %}

{% macro arrivals(log, since) -%}
    select _ingested_at as arrived_at, count() as row_count
    from {{ log }}
    where _ingested_at >= {{ since }} and {{ belongs_to_run() }}
    group by _ingested_at
{%- endmacro %}

{#- Whether a log has events that this model has not merged yet. -#}
{% macro has_unmerged_events(log) -%}
    {%- set query = 'select count() as arrivals from (' ~ arrivals_since_watermark(log) ~ ') as arrivals where is_new' -%}
    {{- return(run_query(query).rows[0]['arrivals'] > 0) -}}
{%- endmacro %}

{% macro create_arrivals() -%}
    {{- return(adapter.dispatch('create_arrivals', 'tradewind')()) -}}
{%- endmacro %}

{% macro clickhouse__create_arrivals() -%}
    create table if not exists ops.dbt_arrivals (
        model String comment 'Table with its database',
        loaded_at DateTime64(6, 'UTC') comment 'Start of the run that noted them',
        arrivals Array(Tuple(DateTime64(3, 'UTC'), UInt64)) comment 'Arrivals in its change log and their rows'
    ) engine = ReplacingMergeTree(loaded_at) order by model
{%- endmacro %}

{% macro spark__create_arrivals() -%}
{%- endmacro %}

{#- Notes what there is to merge before it is merged: what becomes visible in the meantime is read once more by the next
    run (pre-hook of ODS models). They count once the run has finished the model. A view of inherited rows has no log. -#}
{% macro record_arrivals() -%}
    {%- if execute and model.config.materialized != 'view' -%}
    {{- return(adapter.dispatch('record_arrivals', 'tradewind')()) -}}
    {%- endif -%}
{%- endmacro %}

{% macro clickhouse__record_arrivals() -%}
    {%- set since = run_started() ~ ' - interval ' ~ var('overlap_minutes') ~ ' minute' -%}
    insert into ops.dbt_arrivals
    select '{{ state_name(this) }}' as model, {{ assume_not_null(run_started()) }} as loaded_at, groupArray((arrived_at, row_count)) as arrivals
    from ({{ arrivals(log_of_model(), since) }}) as present
{%- endmacro %}

{% macro spark__record_arrivals() -%}
{%- endmacro %}

{#- The change log that an ODS model merges. -#}
{% macro log_of_model() -%}
    {%- set parent = model.depends_on.nodes[0] -%}
    {{- return((graph.sources.get(parent) or graph.nodes[parent]).relation_name) -}}
{%- endmacro %}
