-- What the service has yet to do: events to send, rows overdue, rows woken, things parked, cases blocked, lost words to be settled; and what is kept or forgotten.
SELECT (SELECT count(*) FROM outbox) AS outbox,
       (SELECT count(*) FROM state WHERE due <= $1 AND NOT blocked) AS overdue,
       (SELECT count(*) FROM wakes) AS wakes,
       (SELECT count(*) FROM parked WHERE replay) AS replays,
       (SELECT count(*) FROM parked) AS parked,
       (SELECT count(*) FROM state WHERE blocked) AS blocked,
       (SELECT count(*) FROM erasure WHERE finished_at IS NULL) AS erasures,
       (SELECT count(*) FROM hold) AS holds,
       (SELECT coalesce(sum(removed), 0)::bigint FROM retention) AS removed,
       (SELECT min(recorded_at) FROM outbox) AS oldest_unsent,
       (SELECT min(due) FROM state WHERE due IS NOT NULL AND NOT blocked) AS next_due,
       (SELECT count(*) FROM lost_word LEFT JOIN state USING (kind, key)
        WHERE since IS NOT NULL AND blocked IS NOT TRUE) AS unsettled
