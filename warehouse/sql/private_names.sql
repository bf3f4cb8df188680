-- What names a private figure, in any version: its own name, its publication's, its publisher and title.
SELECT DISTINCT f.figure_id, s.source_id, s.publisher, s.title
FROM sources s LEFT JOIN figures f ON f.source_id = s.source_id
ORDER BY ALL;
