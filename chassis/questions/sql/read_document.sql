-- What is known of one thing, and whether something that it cannot judge holds it up.
SELECT document, blocked FROM state WHERE kind = $1 AND key = $2
