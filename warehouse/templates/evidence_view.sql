CREATE VIEW {{view}} AS
SELECT *, effective_date({{known}}, NULL) AS effective_known_since
FROM (FROM {{table}} QUALIFY row_number() OVER (PARTITION BY {{keys}} ORDER BY version DESC) = 1) latest
WHERE NOT withdrawn;
COMMENT ON VIEW {{view}} IS 'Latest version of each row, with the day from which it counts as known (NULL: always)';
COMMENT ON COLUMN {{view}}.effective_known_since IS 'Day from which it counts as known; NULL: always';
