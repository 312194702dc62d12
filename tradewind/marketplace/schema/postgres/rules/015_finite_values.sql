-- Values: an amount is a number and a time is a moment. NaN and infinity pass every comparison of other checks.

do $$
declare
    checked record;
begin
    for checked in
        select
            columns.table_schema,
            columns.table_name,
            string_agg(
                format(
                    'add constraint %I check (%s)',
                    named.constraint_name,
                    case
                        when columns.data_type = 'numeric' then format('%I <> ''NaN''', columns.column_name)
                        else format('isfinite(%I)', columns.column_name)
                    end
                ),
                ', ' order by columns.ordinal_position
            ) as additions
        from information_schema.columns
        inner join information_schema.tables
            on columns.table_schema = tables.table_schema
            and columns.table_name = tables.table_name
            and tables.table_type = 'BASE TABLE'
        cross join lateral (
            select format(
                '%s_%s_is_%s',
                columns.table_name, columns.column_name,
                case when columns.data_type = 'numeric' then 'number' else 'finite' end
            ) as constraint_name
        ) as named
        where columns.table_schema in ('public', 'labels')
            and columns.data_type in ('numeric', 'timestamp with time zone', 'date')
            and not exists (
                select from pg_constraint
                where conname = named.constraint_name
                    and conrelid = format('%I.%I', columns.table_schema, columns.table_name)::regclass
            )
        group by columns.table_schema, columns.table_name
    loop
        execute format('alter table %I.%I %s', checked.table_schema, checked.table_name, checked.additions);
    end loop;
end
$$;
