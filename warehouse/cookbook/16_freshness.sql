-- How old is the forecast served, did the last attempt fail, and how old is its evidence?
SELECT
    served_run_id, served_as_of, stale, overdue, last_attempt_run_id, last_attempt_status, last_attempt_reason, stale_reason, old_topics,
    days_since_newest_figure
FROM freshness;
