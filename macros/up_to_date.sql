{#- A build costs what changed: a table is left as it is when nothing that it is made from has changed since it was built.
    dbt counts it as built. -#}

{#- Whether this table exists, by its present definition and columns, and has read every change of what it reads. -#}
{% macro is_up_to_date() -%}
    {%- set state = own_state() -%}
    {%- if (
        model.config.meta.get('is_always_built') or not state or not load_cached_relation(this) or dbt.should_full_refresh()
        or state.definition != definition() or state.columns != columns_digest()
    ) -%}
        {{- return(false) -}}
    {%- endif -%}
    {{- return(has_read_every_change(state)) -}}
{%- endmacro %}

{#- Whether the last run that finished this table has read what its inputs are now. -#}
{% macro has_read_every_change(state) -%}
    {{- return(adapter.dispatch('has_read_every_change', 'tradewind')(state)) -}}
{%- endmacro %}

{% macro clickhouse__has_read_every_change(state) -%}
    {%- for node in model_inputs() -%}
        {%- set input = model_states().get(node.schema ~ '.' ~ node.alias) -%}
        {%- if not input or input.changed_at > state.loaded_at -%}
            {{- return(false) -}}
        {%- endif -%}
    {%- endfor -%}
    {%- set logs = model.depends_on.get('nodes', []) | select('in', graph.sources) | list -%}
    {{- return(not logs or (is_merged(model) and not has_unmerged_events(graph.sources[logs[0]].relation_name))) -}}
{%- endmacro %}

{% macro spark__has_read_every_change(state) -%}
    {{- return(inputs_digest() != '' and state.inputs == inputs_digest()) -}}
{%- endmacro %}

{#- The result of a materialization that does nothing but to bring descriptions up to date. -#}
{% macro leave_as_it_is() -%}
    {%- set relation = this.incorporate(type='table') -%}
    {%- call noop_statement('main', 'UNCHANGED') -%}{%- endcall -%}
    {%- do persist_docs(relation, model) -%}
    {{- return({'relations': [relation]}) -}}
{%- endmacro %}
