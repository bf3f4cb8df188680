INSERT INTO run_rows (table_name, run_id, as_of, rows_of)
SELECT {{name}}, s.run_id, r.as_of, s.run_id
FROM (SELECT DISTINCT run_id FROM {{table}}) s LEFT JOIN runs r ON r.run_id = s.run_id;
