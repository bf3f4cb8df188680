SELECT f.run_id, count(*) FROM previous.{{table}} f
WHERE f.run_id NOT IN (
    SELECT h.rows_of FROM previous.run_rows h JOIN recent_runs r ON r.run_id = h.run_id WHERE h.table_name = $table_name
)
GROUP BY f.run_id;
