-- When this store last stated anything that is still in the archive.
SELECT max(recorded_at) FROM archive
