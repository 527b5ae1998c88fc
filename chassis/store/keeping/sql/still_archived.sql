-- Whether an event of these keys is left in these shards of the archive.
SELECT EXISTS (SELECT FROM archive WHERE partition = ANY ($1::int[]) AND key = ANY ($2::text[]))
