-- The things of these kinds of which a parked record names a person: they may have no document yet.
SELECT DISTINCT kind, key FROM parked WHERE kind = ANY ($1::text[]) AND encode(value, 'escape') ~ $2
