INSERT INTO builds
SELECT (SELECT coalesce(max(build), 0) FROM builds WHERE table_name = {{table}}) + 1, $built_at, {{table}}, count(*) FROM {{table_identifier}};
