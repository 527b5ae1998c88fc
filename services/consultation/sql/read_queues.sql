-- Which revisions the copies have, and of the channels in which these consultations are: the roster, how many
-- consultations each expert has open, and the first of those who wait, in the order in which they are served; but for
-- one that is parked, which would keep the others from being served.
SELECT (SELECT revision FROM institution_revision) AS institutions,
       (SELECT revision FROM consultation_channel_revision) AS channels,
       (SELECT coalesce(json_object_agg(asked.channel_id, json_build_array(
            coalesce(channel.shifts, '[]'),
            (SELECT coalesce(json_object_agg(expert_ref, open), '{}')
             FROM (SELECT expert_ref, count(*) AS open FROM consultation_request AS one
                   WHERE one.channel_id = asked.channel_id AND one.assigned GROUP BY expert_ref) AS counted),
            (SELECT coalesce(json_agg(json_build_array(class_rank, requested_at, key)
                                      ORDER BY class_rank, requested_at, key), '[]')
             FROM (SELECT class_rank, requested_at, key FROM consultation_request AS one
                   WHERE one.channel_id = asked.channel_id AND one.waiting
                     AND NOT EXISTS (SELECT FROM state WHERE kind = 'consultation' AND state.key = one.key AND blocked)
                   ORDER BY class_rank, requested_at, key LIMIT $2) AS first))), '{}')
        FROM (SELECT DISTINCT channel_id FROM consultation_request
              WHERE key = ANY ($1::text[]) AND channel_id IS NOT NULL) AS asked
             LEFT JOIN consultation_channel AS channel ON channel.key = asked.channel_id) AS queues
