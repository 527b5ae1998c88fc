-- Takes away what nobody can judge and was parked before an instant, but for what names one of those whom holds protect.
DELETE FROM parked
WHERE kind IS NULL AND NOT replay AND parked_at < $1
  AND NOT (cardinality($3::text[]) > 0
           AND (coalesce(regexp_replace(encode(value, 'escape'), '\\[0-7]{3}', ' ', 'g') ~ $2, false)
                OR coalesce(encode(record_key, 'escape') ~ $2, false)
                OR EXISTS (SELECT FROM unnest($3::text[]) AS id
                           WHERE position('"' || encode(convert_to(id, 'UTF8'), 'hex') || '"' IN headers::text) > 0)))
