-- Every source row is in its fact. A warning: the build goes on without the excluded rows, and fails only when they are
-- more than the variables max_excluded_rows and max_excluded_rate allow.
{{ config(severity='warn') }}
select table_name, row_key, column_name, rule, value
from {{ current_rows(ref('excluded_rows')) }}
