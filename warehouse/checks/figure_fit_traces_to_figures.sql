-- check: Every fitted figure is in the warehouse, once per run
-- severity: error
-- scope: run
-- remedy: ingest before fitting; fit each figure once
SELECT d.figure_id, count(*) AS n, bool_or(f.figure_id IS NULL) AS unknown
FROM recent_figure_fit d JOIN served_rows r ON r.table_name = 'figure_fit' AND r.rows_of = d.run_id LEFT JOIN (SELECT DISTINCT figure_id FROM figures) f ON f.figure_id = d.figure_id
GROUP BY d.figure_id HAVING n > 1 OR unknown;
