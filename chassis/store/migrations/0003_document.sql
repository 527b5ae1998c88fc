-- A case's document is written whole each time the case is judged, by this code alone. A server that parses it again, and
-- compresses it, takes three times as long over a document of a hundred facts; in return it takes more room on the disk.
ALTER TABLE state ALTER COLUMN document TYPE text;
ALTER TABLE state ALTER COLUMN document SET STORAGE EXTERNAL;
