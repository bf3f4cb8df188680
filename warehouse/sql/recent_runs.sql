-- Whose rows stay in the file: the last runs, published or not, the last published ones, and the one served.
CREATE OR REPLACE TEMP TABLE recent_runs AS
SELECT run_id FROM (FROM previous.runs ORDER BY run_number DESC LIMIT $n)
UNION
SELECT run_id FROM (FROM previous.runs WHERE status = 'published' ORDER BY run_number DESC LIMIT $n)
UNION
SELECT run_id FROM (FROM previous.runs WHERE status = 'published' ORDER BY as_of DESC, run_number DESC LIMIT 1);
