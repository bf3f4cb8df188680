-- Published runs with draws, the latest first: beyond the number kept, their files are deleted.
SELECT run_id FROM runs WHERE status = 'published' AND draws_file IS NOT NULL ORDER BY run_number DESC;
