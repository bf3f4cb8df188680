-- Published runs with draws, the one served and then the latest first: beyond the number kept, their files are deleted.
SELECT run_id FROM runs WHERE status = 'published' AND draws_file IS NOT NULL
ORDER BY run_id = (SELECT l.run_id FROM latest_run l) DESC, run_number DESC;
