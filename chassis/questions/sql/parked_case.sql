-- The case behind which a parked record stands, if it is known, and whether it is on its way back in.
SELECT kind, key, replay FROM parked WHERE id = $1
