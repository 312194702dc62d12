-- Grain: one row per account that is left out of business figures. In memory, to be asked by `is_of_left_out_account`.
{{ config(
    materialized='materialized_view',
    order_by='(user_id)',
    refreshable={'interval': 'every ' ~ var('rt_catalogue_refresh_seconds') ~ ' second'},
    catchup=false,
) }}
select user_id
from {{ ref('state_users') }} as users
where {{ is_left_out('users') }}
