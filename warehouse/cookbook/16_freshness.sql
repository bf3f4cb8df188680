-- How old is the forecast served, and did the last attempt fail?
SELECT served_run_id, served_as_of, stale, last_attempt_run_id, last_attempt_status, last_attempt_reason FROM freshness;
