SELECT d.* FROM data_dictionary d
LEFT JOIN duckdb_columns() c ON c.database_name = current_database() AND c.table_name = d.name AND c.column_name = d.column_name
ORDER BY d.kind, d.name, c.column_index;
