-- What the documents in `state` look like, and which tables are being drawn anew: code of another version must not guess.

CREATE TABLE document_shape (
    id              bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind            text        NOT NULL,
    fingerprint     text        NOT NULL,
    shape           json        NOT NULL,
    since           timestamptz NOT NULL DEFAULT now(),
    converting_from text,
    converted_to    text        NOT NULL DEFAULT ''
);
CREATE INDEX document_shape_of_kind ON document_shape (kind, id);
COMMENT ON TABLE document_shape IS 'of each kind the newest row holds; the others are what its documents were before';
COMMENT ON COLUMN document_shape.shape IS 'every field of the documents in order, as in documents.lock.json';
COMMENT ON COLUMN document_shape.converting_from IS 'not all documents have this shape yet: those up to the key converted_to';

CREATE TABLE redraw (
    kind     text PRIMARY KEY,
    drawn_to text NOT NULL DEFAULT ''
);
COMMENT ON TABLE redraw IS 'kinds whose small table is being drawn anew from their documents, up to the key drawn_to';
