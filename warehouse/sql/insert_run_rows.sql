INSERT INTO run_rows (table_name, run_id, as_of, rows_of) VALUES ($table_name, $run_id, $as_of, $rows_of);
