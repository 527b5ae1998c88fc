-- One transaction at a time judges days of a jurisdiction, to its commit: what it finds outdated nobody is about to say anew.
SELECT pg_advisory_xact_lock(place)
FROM (SELECT DISTINCT hashtextextended('bulletin ' || jurisdiction, 0) AS place
      FROM unnest($1::text[]) AS asked (jurisdiction) ORDER BY place) AS places
