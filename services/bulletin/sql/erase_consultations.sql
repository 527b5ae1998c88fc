-- A consultation of somebody who is erased stays counted, as one of somebody.
UPDATE bulletin_consultation SET key = 'erased-' || gen_random_uuid(), person_ref = $2 WHERE key = ANY ($1::text[])
