SELECT t.table_name FROM duckdb_tables() t WHERE t.database_name = $catalog AND NOT t.internal;
