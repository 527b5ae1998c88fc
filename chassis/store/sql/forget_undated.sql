-- Forgets what a search that did not come to its end had collected.
DELETE FROM lost_word WHERE since IS NULL
