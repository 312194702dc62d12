{#- One definition at a time in a table: an incremental model whose definition has changed is built as a whole again, by
    the same way as with --full-refresh. Its definition is

    - its SQL as a first build has it, variables and macros applied;
    - the definitions of the tables that it reads and that are built as a whole in each run;
    - the last whole build of the incremental tables that it reads: rows that they lost then have left no tombstone.

    Tables merged from a log (ODS) keep the tombstones of all keys, so their whole builds are no reason for another one;
    and which columns they have is no part of their definition: a new column is filled from the log (lacking_columns). -#}

{#- Whether this incremental model's table was built by another definition, or it is not known by which. -#}
{% macro is_redefined() -%}
    {%- if not execute or model.config.materialized != 'incremental' -%}
        {{- return(false) -}}
    {%- endif -%}
    {{- return(own_state().get('definition', '') != definition()) -}}
{%- endmacro %}

{#- The digest of this model's definition. -#}
{% macro definition() -%}
    {%- if 'definition' not in memory() -%}
        {%- set parts = [first_build_sql()] -%}
        {%- if not is_merged(model) -%}
            {%- do parts.append(columns_digest()) -%}
        {%- endif -%}
        {%- for node in model_inputs() if not is_merged(node) -%}
            {%- set state = model_states().get(node.schema ~ '.' ~ node.alias, {}) -%}
            {%- do parts.append(node.name ~ ' ' ~ state.get('definition', '')) -%}
            {%- if node.config.materialized == 'incremental' -%}
                {%- do parts.append(state.get('built_at', '')) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- do memory().update({'definition': local_md5(parts | join('\n'))}) -%}
    {%- endif -%}
    {{- return(memory().definition) -}}
{%- endmacro %}

{#- A model's SQL as if it had no table yet, without the run's moment; of a seed, its file's digest. -#}
{% macro first_build_sql() -%}
    {%- if model.resource_type == 'seed' -%}
        {{- return(model.checksum.checksum) -}}
    {%- endif -%}
    {%- set materialized = model.config.materialized -%}
    {%- do model.config.update({'materialized': 'first build'}) -%}
    {%- set text = render(model.raw_code) -%}
    {%- do model.config.update({'materialized': materialized}) -%}
    {{- return(text | replace(run_moment(), '') | replace(run_digits(), '')) -}}
{%- endmacro %}

{#- Whether `first_build_sql` is rendering. -#}
{% macro renders_first_build() -%}
    {{- return(execute and model.config.materialized == 'first build') -}}
{%- endmacro %}

{#- For `first_build_sql` of a merged table: its key and a column of every type, instead of the columns that it happens to
    have. -#}
{% macro specimen_columns(key, columns) -%}
    {%- set types = [
        'text', 'json', 'time', 'bigint', 'int', 'double', 'boolean', 'date', 'timestamptz', 'decimal(18,2)',
        'array<text>', 'array<bigint>', 'array<double>', 'array<boolean>',
    ] -%}
    {%- set specimen = {} -%}
    {%- for name in key -%}
        {%- do specimen.update({name: columns[name]}) -%}
    {%- endfor -%}
    {%- for type in types -%}
        {%- do specimen.update({'specimen_' ~ loop.index: type}) -%}
    {%- endfor -%}
    {{- return(specimen) -}}
{%- endmacro %}

{% macro columns_digest() -%}
    {%- set columns = [] -%}
    {%- for column in model.columns.values() -%}
        {%- do columns.append(column.name ~ ' ' ~ column.data_type ~ ' ' ~ column.constraints | map(attribute='type') | join(' ')) -%}
    {%- endfor -%}
    {{- return(local_md5(columns | join('\n'))) -}}
{%- endmacro %}

{#- Whether a model's table is merged from a log. -#}
{% macro is_merged(node) -%}
    {{- return('_position' in node.columns) -}}
{%- endmacro %}
