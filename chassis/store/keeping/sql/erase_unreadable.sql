-- Takes away what nobody can judge and that names one of these ids, in its bytes as text, its key, or a header.
DELETE FROM parked
WHERE kind IS NULL
  AND (regexp_replace(encode(value, 'escape'), '\\[0-7]{3}', ' ', 'g') ~ $1
       OR encode(record_key, 'escape') ~ $1
       OR EXISTS (SELECT FROM unnest($2::text[]) AS id
                  WHERE position('"' || encode(convert_to(id, 'UTF8'), 'hex') || '"' IN headers::text) > 0))
