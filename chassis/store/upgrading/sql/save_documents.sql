-- Writes converted documents, each with the instant at which the clock alone would change it.
UPDATE state SET document = converted.document, due = converted.due
FROM unnest($2::text[], $3::text[], $4::timestamptz[]) AS converted (key, document, due)
WHERE state.kind = $1 AND state.key = converted.key
