-- How far the documents of a kind have been converted.
UPDATE document_shape SET converted_to = $2
WHERE id = (SELECT max(id) FROM document_shape WHERE kind = $1)
