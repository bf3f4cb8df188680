-- Whatever went to the archive counts on, also once it is older than what is kept.
INSERT INTO builds
SELECT coalesce(b.build, 0) + 1, $built_at, c.table_name, c.row_count + coalesce(a.row_count, 0)
FROM ({{counts}}) c
LEFT JOIN (SELECT table_name, max(build) AS build FROM builds GROUP BY table_name) b ON b.table_name = c.table_name
LEFT JOIN (SELECT table_name, sum(row_count)::BIGINT AS row_count FROM archives GROUP BY table_name) a ON a.table_name = c.table_name;
