-- Takes rows that cannot be loaded out of the staged files and notes why.

create temporary table refused (stem text not null, line integer not null, reason text not null) on commit drop;

create function pg_temp.refuse(stem text, condition text, reason text) returns void
language plpgsql as $$
begin
    execute format(
        'with gone as (delete from %I as this where %s returning this.line, %s as reason) '
        'insert into refused (stem, line, reason) select %L, line, reason from gone',
        'staged_' || stem, condition, reason, stem
    );
end
$$;

create function pg_temp.refuse_repeated(stem text, key text) returns void
language sql as $$
    select pg_temp.refuse(
        stem,
        format(
            'exists (select from %I as earlier where (earlier.%s) = (this.%s) and earlier.line < this.line)',
            'staged_' || stem, replace(key, ', ', ', earlier.'), replace(key, ', ', ', this.')
        ),
        format('%L || concat_ws('', '', this.%s)', key || ' is there twice: ', replace(key, ', ', ', this.'))
    )
$$;

create function pg_temp.refuse_unknown(stem text, key text, referenced_stem text) returns void
language sql as $$
    select pg_temp.refuse(
        stem,
        format(
            'not exists (select from %I as referenced where referenced.%I = this.%I)',
            'staged_' || referenced_stem, key, key
        ),
        format('%L || this.%I || %L', key || ' ', key, ' is not among the rows loaded from ' || referenced_stem)
    )
$$;
