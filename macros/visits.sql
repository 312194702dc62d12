{#- Visits of our own website and app, and where they come from. -#}

{#- The visitor of a session, in a query grouped by session_id: the account that signed in during it (of several the
    lowest), else the device, else the session. -#}
{% macro visitor_of_session() -%}
    coalesce({{ as_type('min(user_id)', 'text') }}, min(device_fingerprint), session_id)
{%- endmacro %}

{#- 1 where a visitor's event begins a visit: it has none before it, or none within 30 minutes; else 0. -#}
{% macro begins_visit(at, previous_at) -%}
    case when {{ at }} <= {{ previous_at }} + interval 30 minute then 0 else 1 end
{%- endmacro %}

{#- The traffic channel of a campaign's visits. -#}
{% macro campaign_channel(campaign_type) -%}
    case {{ campaign_type }} when 'search' then 'paid_search' when 'social' then 'paid_social' else {{ campaign_type }} end
{%- endmacro %}

{#- The traffic channel of a visit: that of its campaign; without one direct, organic_search, organic_social or referral,
    by the site it was led from. -#}
{% macro traffic_channel(campaign_type, referrer) -%}
    {%- set sites = {
        'organic_search': ['google', 'bing', 'yahoo', 'duckduckgo', 'baidu', 'yandex', 'ecosia', 'naver'],
        'organic_social': [
            'facebook', 'instagram', 'tiktok', 'youtube', 'twitter', 'x', 'pinterest', 'linkedin', 'reddit', 'line', 'whatsapp',
        ],
    } -%}
    case
        when {{ campaign_type }} is not null then {{ campaign_channel(campaign_type) }}
        when coalesce({{ referrer }}, '') = '' then 'direct'
        {%- for channel, names in sites.items() %}
        when {{ site_of(referrer) }} in ('{{ names | join("', '") }}') then '{{ channel }}'
        {%- endfor %}
        else 'referral'
    end
{%- endmacro %}

{#- The first word of a link's host: google of https://www.google.co.th/search; a leading www or m does not count. -#}
{% macro site_of(link) -%}
    regexp_replace(regexp_replace(lower({{ link }}), '^[a-z]+://((www|m|l)[.])?', ''), '[./:?#].*$', '')
{%- endmacro %}

{#- The attribution models, and what a touch counts for in each, beside the other touches of its order. -#}
{% macro attribution_weights() -%}
    {{- return({
        'first': 'case when touch_number = 1 then 1 else 0 end',
        'last': 'case when touch_number = touch_count then 1 else 0 end',
        'last_non_direct': 'case when non_direct_choice = 1 then 1 else 0 end',
        'linear': '1',
        'position_based': 'case when touch_count > 2 and touch_number in (1, touch_count) then 2 * (touch_count - 2) else 1 end',
        'time_decay': 'floor(10000000000 * power(0.5, ' ~ ratio('days_before_order', var('attribution_half_life_days')) ~ '))',
    }) -}}
{%- endmacro %}
