-- Columns that the code declares and a table lacks or has with another type, and those that only the table has.
WITH declared AS (
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) AS declared (named, col, typed)
), stored AS (
    SELECT tables.named, attname::text AS col, atttypid::regtype AS typed
    FROM (SELECT DISTINCT named FROM declared) AS tables
    JOIN pg_attribute ON attrelid = to_regclass(tables.named)
    WHERE attnum > 0 AND NOT attisdropped AND attgenerated = ''
)
SELECT named, col, declared.typed AS declared, stored.typed::text AS stored, to_regclass(named) IS NOT NULL AS is_there
FROM declared FULL JOIN stored USING (named, col)
WHERE to_regtype(declared.typed) IS DISTINCT FROM stored.typed
ORDER BY named, col
