-- A delivery to somebody who is erased stays counted.
UPDATE bulletin_delivery SET key = 'erased-' || gen_random_uuid() WHERE key = ANY ($1::text[]) AND $2::text IS NOT NULL
