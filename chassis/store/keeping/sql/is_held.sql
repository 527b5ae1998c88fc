-- Whether a hold protects a person, or anything of theirs.
SELECT EXISTS (SELECT FROM hold WHERE person_ref = $1 OR keys && $2::text[])
