SELECT run_id, as_of, finished_at, run_number, run_id = (SELECT l.run_id FROM latest_run l) AS served
FROM runs WHERE status = 'published' ORDER BY as_of DESC, run_number DESC;
