SELECT table_name, list(column_name ORDER BY column_index) AS columns
FROM duckdb_columns()
WHERE database_name = $catalog AND NOT internal AND table_name IN (SELECT t.table_name FROM duckdb_tables() t WHERE t.database_name = $catalog)
GROUP BY table_name ORDER BY table_name;
