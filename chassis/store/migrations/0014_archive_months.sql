-- A service makes no table, but the archive's partition of a month, before the first event of that month is written.
-- This does so for it, as the owner of the archive.
DO $do$
BEGIN
    EXECUTE format($function$
        CREATE FUNCTION make_archive_month(instant timestamptz) RETURNS void
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = %I, pg_temp SET timezone = 'UTC' AS $body$
        DECLARE
            first timestamptz := date_trunc('month', instant);
        BEGIN
            IF instant NOT BETWEEN '1900-01-01' AND '2500-01-01' THEN
                RAISE datetime_field_overflow USING MESSAGE = 'an archive has no month so far from now';
            END IF;
            EXECUTE format('CREATE TABLE IF NOT EXISTS %%I PARTITION OF archive FOR VALUES FROM (%%L) TO (%%L)',
                           to_char(first, '"archive_"YYYY_MM'), first, first + interval '1 month');
        END
        $body$
    $function$, current_schema());
END
$do$;
