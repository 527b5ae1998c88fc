-- An erasure is done: whose it was is known here no more.
UPDATE erasure SET keys = '{}', finished_at = now() WHERE id = $1
