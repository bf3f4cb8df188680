WITH named AS (SELECT unnest($words::VARCHAR[]) AS word), reached AS (
    SELECT word AS relation FROM named
    UNION SELECT v.relation FROM view_reads v JOIN named n ON n.word = v.view_name
)
SELECT DISTINCT t.table_name FROM duckdb_tables() t JOIN reached r ON r.relation = t.table_name
WHERE t.database_name = current_database() AND NOT t.internal AND t.estimated_size = 0 ORDER BY t.table_name
