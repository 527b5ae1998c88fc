-- All documents of a kind have been converted.
UPDATE document_shape SET converting_from = NULL
WHERE id = (SELECT max(id) FROM document_shape WHERE kind = $1)
