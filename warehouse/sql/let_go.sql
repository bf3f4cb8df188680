UPDATE archives SET in_force = false
WHERE in_force AND NOT list_contains($for_good, table_name) AND file NOT IN (
    SELECT h.file FROM run_rows h JOIN runs r ON r.run_id = h.run_id WHERE h.file IS NOT NULL AND coalesce(r.finished_at > $oldest, true)
);
