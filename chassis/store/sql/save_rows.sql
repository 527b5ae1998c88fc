-- Saves the judged rows; a row whose version has moved on is not touched, and its absence from the answer tells.
UPDATE state
SET version = judged_row.version, due = judged_row.due, judged = judged_row.judged, blocked = judged_row.blocked,
    unprompted = judged_row.unprompted, reports_hour = judged_row.reports_hour, reports = judged_row.reports,
    seen = state.seen || judged_row.more_seen, document = coalesce(judged_row.document, state.document)
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::timestamptz[], $6::timestamptz[], $7::boolean[],
            $8::int[], $9::timestamptz[], $10::int[], $11::bytea[], $12::text[])
     AS judged_row (kind, key, loaded_version, version, due, judged, blocked, unprompted, reports_hour, reports, more_seen,
                    document)
WHERE state.kind = judged_row.kind AND state.key = judged_row.key AND state.version = judged_row.loaded_version
