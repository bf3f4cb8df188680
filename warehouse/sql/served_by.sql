-- The run that a file serves: the latest as-of day, of these the one published last.
SELECT run_id, as_of::VARCHAR FROM {{catalog}}.runs WHERE status = 'published'
ORDER BY as_of DESC, run_number DESC LIMIT 1;
