SELECT r.run_id FROM runs r JOIN run_rows h ON h.run_id = r.run_id AND h.table_name = 'forecast' WHERE r.status = 'published'
QUALIFY row_number() OVER (PARTITION BY h.rows_of ORDER BY r.run_number DESC) = 1
ORDER BY r.run_number DESC;
