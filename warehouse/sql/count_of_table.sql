SELECT {{table}} AS table_name, count(*) AS row_count FROM {{counted}}
