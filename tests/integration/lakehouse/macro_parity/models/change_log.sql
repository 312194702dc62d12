-- Grain: one row per event, in the shape of bronze. Keys 1 to 9 are one story each.
{%- set unavailable = '__debezium_unavailable_value' -%}
{%- set plain = '"name": "plain", "amount": "1.15", "is_open": true, "tags": ["a"], "day": "2024-02-29Z", "seen_at": "2026-03-29T01:30:00.123456Z", "score": 0.1, "seen_count": 3, "details": "{}"' -%}
{%- set events = [
    (1, 'c', 1, plain),
    (1, 'u', 2, '"name": "Ünïcødé 🙂", "amount": "-0.05", "is_open": false, "tags": ["é", null, ""], "day": "1969-12-31Z", "seen_at": "1969-12-31T23:59:59.999999Z", "score": -0.0, "seen_count": -1, "details": "{\\\\"n\\\\": 1.10}"'),
    (2, 'c', 3, plain), (2, 'd', 4, plain),
    (3, 'd', 6, plain), (3, 'c', 5, plain), (3, 'c', 7, '"name": "back", "tags": []'),
    (4, 'u', 9, '"name": "' ~ unavailable ~ '", "tags": ["' ~ unavailable ~ '"], "amount": "2.00"'), (4, 'c', 8, plain),
    (5, 'r', 10, '"name": null, "amount": null, "is_open": null, "tags": null, "day": null, "seen_at": null, "score": null, "seen_count": null, "details": null'),
    (6, 'u', 11, '"name": "' ~ unavailable ~ '", "amount": "9999999999999999.99", "score": 1e300, "seen_count": 2147483647'),
    (7, 'c', 12, '"name": "quote \\\\" back \\\\\\\\ line \\\\n tab \\\\t null", "amount": "0.00", "score": 3'),
    (9223372036854775807, 'c', 13, '"name": "", "unknown": [1, {"a": 2}], "day": "2026-01-02Z", "seen_at": "2026-01-02T00:00:00Z"'),
    (-8, 'c', 14, plain), (-8, 'd', 16, plain), (-8, 'u', 15, '"name": "too late"'),
] -%}
{% for key, op, position, fields in events %}
select
    {{ as_type("'" ~ op ~ "'", 'text') }} as _op,
    {{ as_type("'" ~ '%038d' % position ~ "'", 'text') }} as _position,
    {{ as_type("'2026-01-01 00:00:00." ~ '%06d' % position ~ "'", 'timestamptz') }} as _changed_at,
    {{ as_type("'2026-01-01 00:01:00'", 'timestamptz') }} as _timestamp,
    {{ as_type("'2026-01-01 00:01:00'", 'timestamptz') }} as _ingested_at,
    {%- set row = '{"thing_id": ' ~ key ~ ', ' ~ fields ~ '}' %}
    {%- set image = '"before": ' ~ row ~ ', "after": null' if op == 'd' else '"before": null, "after": ' ~ row %}
    {{ as_type("'{" ~ image ~ ', "op": "' ~ op ~ '"}' ~ "'", 'text') }} as payload
{{ 'union all' if not loop.last }}
{%- endfor %}
