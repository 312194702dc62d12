{#- Watermarks: up to which moment a model has read its inputs.

    An incremental run reads what came since the start of the last run that *finished*, less an overlap:
    - a row is stamped on its way in and becomes visible a little later, so a watermark taken from the newest row
      seen could pass over a row that is still on its way; the start of the run, less the overlap, cannot;
    - ClickHouse inserts block by block, so a run that is killed leaves some of its rows behind; the newest of
      them is no proof that the others are there. The watermark is written by a post-hook, after the last block.
    Iceberg commits a run whole, so there the newest row is proof enough. -#}

{#- The run's start as text. Another moment is given by the environment and not by `--vars`, and asked for only when a
    model runs: dbt parses the whole project again after any change of what parsing has read. -#}
{% macro run_moment() -%}
    {%- set given = env_var('TRADEWIND_RUN_STARTED', '') if execute else '' -%}
    {{- return(given or run_started_at.strftime('%Y-%m-%d %H:%M:%S.%f')) -}}
{%- endmacro %}

{% macro run_started() -%}
    {{- return(as_type("'" ~ run_moment() ~ "'", 'timestamptz')) -}}
{%- endmacro %}

{#- Whether an event of the log is this run's or an earlier one's: an event belongs to the runs that started after it
    was handed over. Its time stamp says when; the capture gives all events of a batch the same one, and writes them
    table by table, so a cut by arrival would part a batch.

    An event that is left out arrived later than the start less the overlap, where the next run's reading begins; one
    that arrived before that is read whatever its time stamp says, so no difference of clocks can hide it for ever. -#}
{% macro belongs_to_run() -%}
    (_timestamp < {{ run_started() }} or _ingested_at < {{ run_started() }} - interval {{ var('overlap_minutes') }} minute)
{%- endmacro %}

{% macro watermark(relation) -%}
    {{- return(adapter.dispatch('watermark', 'tradewind')(relation)) -}}
{%- endmacro %}

{% macro clickhouse__watermark(relation) -%}
    (
        select coalesce(max(loaded_at), {{ as_type("'1970-01-01 00:00:00'", 'timestamptz') }}) - interval {{ var('overlap_minutes') }} minute
        from ops.dbt_watermarks
        where model = '{{ relation.schema }}.{{ relation.identifier }}'
    )
{%- endmacro %}

{% macro spark__watermark(relation) -%}
    (
        select coalesce(max(_loaded_at), {{ as_type("'1970-01-01 00:00:00'", 'timestamptz') }}) - interval {{ var('overlap_minutes') }} minute
        from {{ relation }}
    )
{%- endmacro %}

{% macro create_watermarks() -%}
    {{- return(adapter.dispatch('create_watermarks', 'tradewind')()) -}}
{%- endmacro %}

{% macro clickhouse__create_watermarks() -%}
    create table if not exists ops.dbt_watermarks (
        model String comment 'The incremental model, with its database',
        loaded_at DateTime64(6, 'UTC') comment 'When the last run that finished this model was started'
    ) engine = ReplacingMergeTree(loaded_at) order by model
{%- endmacro %}

{% macro spark__create_watermarks() -%}
{%- endmacro %}

{% macro record_watermark() -%}
    {{- return(adapter.dispatch('record_watermark', 'tradewind')()) -}}
{%- endmacro %}

{% macro clickhouse__record_watermark() -%}
    insert into ops.dbt_watermarks values ('{{ this.schema }}.{{ this.identifier }}', {{ run_started() }})
{%- endmacro %}

{% macro spark__record_watermark() -%}
{%- endmacro %}
