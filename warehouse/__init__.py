"""The only code that opens DuckDB: schema, views, macros and checks as .sql; ingest, publish, read."""
