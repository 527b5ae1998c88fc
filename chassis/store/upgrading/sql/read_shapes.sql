-- The shape that each kind's documents have, the fingerprints of those that they had before, and what is unfinished.
SELECT DISTINCT ON (kind) id, kind, fingerprint, shape, converting_from, converted_to,
       ARRAY(SELECT former.fingerprint FROM document_shape AS former
             WHERE former.kind = newest.kind AND former.id < newest.id) AS former,
       EXISTS (SELECT FROM redraw WHERE redraw.kind = newest.kind) AS redrawing
FROM document_shape AS newest
ORDER BY kind, id DESC
