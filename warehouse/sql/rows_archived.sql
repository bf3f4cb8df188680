SELECT table_name, sum(row_count)::BIGINT FROM {{catalog}}.archives GROUP BY table_name;
