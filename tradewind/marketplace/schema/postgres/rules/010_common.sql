-- Rules shared by all tables: updated_at, and columns or tables that only rules may write.

create or replace function rules.touch_updated_at() returns trigger
language plpgsql as $$
begin
    if new.updated_at is not distinct from old.updated_at then
        new.updated_at := now();
    end if;
    return new;
end
$$;

comment on function rules.touch_updated_at() is 'Sets updated_at on each change unless the statement sets it.';

create or replace function rules.refuse() returns trigger
language plpgsql as $$
begin
    raise exception '% of %: %', lower(tg_op), tg_table_name, tg_argv[0]
        using errcode = 'check_violation', constraint = tg_name;
end
$$;

comment on function rules.refuse() is 'Refuses a direct write; its argument says how the value changes instead.';

do $$
declare
    touched record;
begin
    for touched in
        select table_name
        from information_schema.columns
        where table_schema = 'public' and column_name = 'updated_at'
    loop
        execute format('drop trigger if exists touch_updated_at on %I', touched.table_name);
        execute format(
            'create trigger touch_updated_at before update on %I '
            'for each row execute function rules.touch_updated_at()',
            touched.table_name
        );
    end loop;
end
$$;

create or replace function rules.align_identities() returns void
language plpgsql as $$
declare
    identity record;
begin
    for identity in
        select format('%I.%I', table_schema, table_name) as table_name, column_name
        from information_schema.columns
        where table_schema in ('public', 'labels') and is_identity = 'YES'
    loop
        execute format(
            'select setval(pg_get_serial_sequence(%L, %L), coalesce(max(%I), 0) + 1, false) from %s',
            identity.table_name, identity.column_name, identity.column_name, identity.table_name
        );
    end loop;
end
$$;

comment on function rules.align_identities() is
    'Moves every identity past the largest identifier in its table; for the owner, after loading explicit ones.';
