-- Under which name the run published before keeps its rows of a table, where they are still in this file.
SELECT h.rows_of FROM run_rows h
WHERE h.table_name = $table_name AND h.file IS NULL
    AND h.run_id = (SELECT r.run_id FROM runs r WHERE r.status = 'published' AND r.run_id <> $run_id ORDER BY r.run_number DESC LIMIT 1);
