-- Rows that each table had when the file was built; a few are added to some afterwards.
SELECT table_name, row_count FROM {{catalog}}.builds
QUALIFY build = max(build) OVER (PARTITION BY table_name);
