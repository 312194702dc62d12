{#- What is remembered of each built table, to tell what a run must do.

    On ClickHouse a row of ops.dbt_models per table:
    - loaded_at: the start of the last run that finished it, its watermark; written last, so that a run which is killed
      and leaves some of its rows behind counts as not finished;
    - changed_at: the start of the last run that wrote a row of it;
    - built_at: the start of the run that built it as a whole;
    - definition, columns: digests of what it was built by (macros/definitions.sql).

    On Spark, where Iceberg commits a run's rows as a whole, the newest row of a table is its watermark, and a table's
    snapshot tells whether it has changed. Properties of the table hold the same definition, columns and built_at, and
    `inputs`: a digest of the snapshots that the last run which finished it has read. -#}

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
    {%- set found = {} -%}
    {%- for relation in [this] + input_relations() if load_cached_relation(relation) -%}
        {%- set state = {} -%}
        {%- for row in run_query('show tblproperties ' ~ relation).rows -%}
            {%- if row['key'].startswith('tradewind.') -%}
                {%- do state.update({row['key'].split('.')[1]: row['value']}) -%}
            {%- elif row['key'] == 'current-snapshot-id' -%}
                {%- do state.update({'snapshot': row['value']}) -%}
            {%- endif -%}
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

{#- The tables of the models, seeds and logs that this model reads. -#}
{% macro input_relations() -%}
    {%- set found = [] -%}
    {%- for node in model_inputs() -%}
        {%- do found.append(api.Relation.create(schema=node.schema, identifier=node.alias)) -%}
    {%- endfor -%}
    {%- for unique_id in model.depends_on.get('nodes', []) if unique_id in graph.sources -%}
        {%- do found.append(api.Relation.create(schema=graph.sources[unique_id].schema, identifier=graph.sources[unique_id].identifier)) -%}
    {%- endfor -%}
    {{- return(found) -}}
{%- endmacro %}

{#- On Spark, the digest of the snapshots that this model reads; empty where one of them is not known. -#}
{% macro inputs_digest() -%}
    {%- set parts = [] -%}
    {%- for relation in input_relations() -%}
        {%- set snapshot = model_states().get(state_name(relation), {}).get('snapshot') -%}
        {%- if not snapshot -%}
            {{- return('') -}}
        {%- endif -%}
        {%- do parts.append(state_name(relation) ~ ' ' ~ snapshot) -%}
    {%- endfor -%}
    {{- return(local_md5(parts | join('\n'))) -}}
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

{#- In one statement, so that a run which is killed before it counts as not finished. -#}
{% macro spark__record_model_state() -%}
    {%- set state = {'definition': definition(), 'columns': columns_digest(), 'inputs': inputs_digest()} -%}
    {%- if not is_incremental() -%}
        {%- do state.update({'built_at': run_moment()}) -%}
    {%- endif -%}
    {%- set properties = [] -%}
    {%- for name, value in state.items() -%}
        {%- do properties.append("'tradewind." ~ name ~ "' = '" ~ value ~ "'") -%}
    {%- endfor -%}
    alter table {{ this }} set tblproperties ({{ properties | join(', ') }})
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
