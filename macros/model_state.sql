{#- What is remembered of each built table, to tell what a run must do.

    On ClickHouse a row of ops.dbt_models per table:
    - loaded_at: the start of the last run that finished it, its watermark; written last, so that a run which is killed
      and leaves some of its rows behind counts as not finished;
    - changed_at: the start of the last run that wrote a row of it;
    - built_at: the start of the run that built it as a whole;
    - definition, columns: digests of what it was built by (macros/definitions.sql).

    On Spark, where Iceberg commits a run's rows as a whole, the newest row of a table is its watermark; its definition
    and built_at are properties of the table. -#}

{% macro create_model_states() -%}
    {{- return(adapter.dispatch('create_model_states', 'tradewind')()) -}}
{%- endmacro %}

{% macro clickhouse__create_model_states() -%}
    create table if not exists ops.dbt_models (
        model String comment 'Table with its database',
        loaded_at DateTime64(6, 'UTC') comment 'Start of the last run that finished it',
        changed_at DateTime64(6, 'UTC') comment 'Start of the last run that wrote a row of it',
        built_at DateTime64(6, 'UTC') comment 'Start of the run that built it as a whole',
        definition String comment 'Digest of its SQL and of the definitions it depends on',
        columns String comment 'Digest of its columns and their types'
    ) engine = ReplacingMergeTree(loaded_at) order by model
{%- endmacro %}

{% macro spark__create_model_states() -%}
{%- endmacro %}

{#- A table's name as it is remembered. -#}
{% macro state_name(relation) -%}
    {{- return(relation.schema ~ '.' ~ relation.identifier) -}}
{%- endmacro %}

{#- What is remembered of this model and of those it reads: name -> row; nothing of a table that is not known. Asked once
    per model. -#}
{% macro model_states() -%}
    {%- if 'states' not in memory() -%}
        {%- do memory().update({'states': adapter.dispatch('model_states', 'tradewind')()}) -%}
    {%- endif -%}
    {{- return(memory().states) -}}
{%- endmacro %}

{% macro clickhouse__model_states() -%}
    {%- set query -%}
        select model, definition, columns, toString(loaded_at) as loaded_at, toString(changed_at) as changed_at, toString(built_at) as built_at
        from ops.dbt_models final
        where model in ('{{ state_name(this) }}', '{{ model_inputs() | map(attribute='relation_name') | map('replace', '`', '') | join("', '") }}')
    {%- endset -%}
    {%- set found = {} -%}
    {%- for row in run_query(query).rows -%}
        {%- do found.update({row['model']: row.dict()}) -%}
    {%- endfor -%}
    {{- return(found) -}}
{%- endmacro %}

{% macro spark__model_states() -%}
    {%- set relations = [this] -%}
    {%- for node in model_inputs() if not is_merged(node) -%}
        {%- do relations.append(api.Relation.create(schema=node.schema, identifier=node.alias)) -%}
    {%- endfor -%}
    {%- set found = {} -%}
    {%- for relation in relations if load_cached_relation(relation) -%}
        {%- set state = {} -%}
        {%- for row in run_query('show tblproperties ' ~ relation).rows if row['key'].startswith('tradewind.') -%}
            {%- do state.update({row['key'].split('.')[1]: row['value']}) -%}
        {%- endfor -%}
        {%- do found.update({state_name(relation): state}) -%}
    {%- endfor -%}
    {{- return(found) -}}
{%- endmacro %}

{% macro own_state() -%}
    {{- return(model_states().get(state_name(this), {})) -}}
{%- endmacro %}

{#- A dictionary that lasts as long as dbt works on this model. -#}
{% macro memory() -%}
    {{- return(model.setdefault('memory', {})) -}}
{%- endmacro %}

{#- The models and seeds that this model reads, from dbt's graph. -#}
{% macro model_inputs() -%}
    {%- set found = [] -%}
    {%- for unique_id in model.depends_on.get('nodes', []) if unique_id in graph.nodes -%}
        {%- do found.append(graph.nodes[unique_id]) -%}
    {%- endfor -%}
    {{- return(found) -}}
{%- endmacro %}

{#- Remembers that this run has finished the model (post-hook of every model and seed). -#}
{% macro record_model_state() -%}
    {%- if execute -%}
    {{- return(adapter.dispatch('record_model_state', 'tradewind')()) -}}
    {%- endif -%}
{%- endmacro %}

{% macro clickhouse__record_model_state() -%}
    {%- set name = state_name(this) -%}
    {%- set known = '(select max(built_at) from ops.dbt_models final where model = \'' ~ name ~ '\')' -%}
    insert into ops.dbt_models
    select
        '{{ name }}' as model,
        {{ assume_not_null(run_started()) }} as loaded_at,
        {{ '(select coalesce(max(_loaded_at), toDateTime64(0, 6)) from ' ~ this ~ ' settings final = 0)' if is_incremental() else 'loaded_at' }} as changed_at,
        {{ known if is_incremental() else 'loaded_at' }} as built_at,
        '{{ definition() }}' as definition,
        '{{ columns_digest() }}' as columns
{%- endmacro %}

{#- On Spark only where another model's definition depends on it, or it is added to itself. -#}
{% macro spark__record_model_state() -%}
    {%- set is_added_to = model.config.materialized == 'incremental' -%}
    {%- if (is_added_to and not is_incremental()) or (not is_added_to and is_input_of_incremental_model()) -%}
    alter table {{ this }} set tblproperties (
        'tradewind.definition' = '{{ definition() }}', 'tradewind.built_at' = '{{ run_moment() if is_added_to }}'
    )
    {%- endif -%}
{%- endmacro %}

{% macro is_input_of_incremental_model() -%}
    {%- for node in graph.nodes.values() if node.config.materialized == 'incremental' and model.unique_id in node.depends_on.nodes -%}
        {{- return(true) -}}
    {%- endfor -%}
    {{- return(false) -}}
{%- endmacro %}

{#- A run must be later than the last one: models read what was written after their own last run. A full refresh reads
    everything (on-run-start). -#}
{% macro check_run_order() -%}
    {%- if execute and flags.WHICH in ['run', 'build'] and not flags.FULL_REFRESH -%}
    {{- return(adapter.dispatch('check_run_order', 'tradewind')()) -}}
    {%- endif -%}
{%- endmacro %}

{% macro clickhouse__check_run_order() -%}
    {%- set last = run_query('select toString(max(loaded_at)) as loaded_at from ops.dbt_models').rows[0]['loaded_at'] or '' -%}
    {%- if last >= run_moment() -%}
        {{- exceptions.raise_compiler_error(
            'this run starts at ' ~ run_moment() ~ ' (UTC), but one that started at ' ~ last
            ~ ' has finished models already, and rows of this one would be missed;'
            ~ ' run one build at a time, and correct the clock of this machine'
        ) -}}
    {%- endif -%}
{%- endmacro %}

{% macro spark__check_run_order() -%}
{%- endmacro %}
