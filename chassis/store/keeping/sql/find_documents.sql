-- The documents of a kind in which a text stands: every one is looked at.
SELECT key, document FROM state WHERE kind = $1 AND position($2 IN document) > 0
