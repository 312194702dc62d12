{#- How far behind the source the near-real-time marts are. The capture delivers commits in their order, and its heartbeat
    is a commit every few seconds: what is newest of all says up to which moment everything has come. -#}

{#- The newest commit of every change log that a state reads (or of those that are named), and of the heartbeat; no row
    for an empty log. -#}
{% macro newest_commits(names=none) -%}
    {%- set logs = [] -%}
    {%- for log in state_logs() if names is none or log.identifier in names -%}
        {%- do logs.append(log) -%}
    {%- endfor -%}
    {%- for log in [source('capture', 'heartbeat')] + logs %}
    {{ 'union all ' if not loop.first }}(
        select '{{ log.identifier }}' as input, _changed_at as committed_at
        from {{ log }}
        order by _position desc
        limit 1
    )
    {%- endfor %}
{%- endmacro %}

{#- The change logs that states read. -#}
{% macro state_logs() -%}
    {%- set logs = {} -%}
    {%- for node in graph.get('nodes', {}).values() if execute and node.resource_type == 'model' and node.fqn[1] == 'rt' -%}
        {%- for name in node.depends_on.nodes if name.startswith('source.') and '.bronze.' in name -%}
            {%- set log = graph.sources[name] -%}
            {%- do logs.update({log.name: api.Relation.create(schema=log.schema, identifier=log.identifier)}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{- return(logs.values() | list) -}}
{%- endmacro %}

{#- A row per mart and change log or state that it is made from, however many models lie between. -#}
{% macro marts_and_their_inputs() -%}
    {%- set rows = [] -%}
    {%- for node in graph.get('nodes', {}).values() if execute and node.resource_type == 'model' and node.fqn[1] == 'rt' and node.fqn | length == 3 -%}
        {%- set waiting = node.depends_on.nodes | list -%}
        {%- for _ in range(200) if waiting -%}
            {%- set name = waiting.pop() -%}
            {%- set row = "('" ~ node.name ~ "', '" ~ name.split('.')[-1] ~ "')" -%}
            {%- if row not in rows -%}
                {%- do rows.append(row) -%}
                {%- do waiting.extend(graph.nodes[name].depends_on.nodes if name in graph.nodes else []) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    select pair.1 as mart, pair.2 as input
    from (select arrayJoin([{{ rows | sort | join(', ') or "('', '')" }}]) as pair)
{%- endmacro %}

{% macro seconds_since(moment) -%}
    {{ as_type("greatest(dateDiff('millisecond', " ~ moment ~ ", now64(3, 'UTC')), 0) / 1000", 'double') }}
{%- endmacro %}

{% macro is_stale(seconds_behind) -%}
    cast(coalesce({{ seconds_behind }} > {{ var('rt_stale_seconds') }}, true) as Bool)
{%- endmacro %}
