-- A table of results goes by the name of its view; where rows lie is no table that anybody means.
WITH named AS (SELECT unnest($words::VARCHAR[]) AS word), reached AS (
    SELECT word AS relation FROM named
    UNION SELECT v.relation FROM view_reads v JOIN named n ON n.word = v.view_name
)
SELECT DISTINCT CASE WHEN starts_with(t.table_name, 'recent_') THEN t.table_name[8:] ELSE t.table_name END AS table_name
FROM duckdb_tables() t JOIN reached r ON r.relation = t.table_name
WHERE t.database_name = current_database() AND NOT t.internal AND t.estimated_size = 0 AND t.table_name NOT IN ('run_rows', 'archives')
ORDER BY table_name
