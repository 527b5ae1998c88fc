-- C7: what was held in a channel since it opened, and what is going on there now.
SELECT count(*) FILTER (WHERE held_by IS NOT NULL) AS consultations,
       count(DISTINCT person_ref) FILTER (WHERE held_by IS NOT NULL) AS people,
       count(DISTINCT held_by) AS experts,
       count(*) FILTER (WHERE held_by IS NOT NULL AND NOT refers) AS avoided_visits,
       count(*) FILTER (WHERE waiting) AS waiting,
       count(*) FILTER (WHERE assigned) AS assigned
FROM consultation_request WHERE channel_id = $1
