-- From now on the documents of a kind have this shape; unless they have to be converted first.
INSERT INTO document_shape (kind, fingerprint, shape, converting_from) VALUES ($1, $2, $3, $4)
