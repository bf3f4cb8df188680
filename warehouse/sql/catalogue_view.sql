COMMENT ON COLUMN {{table}}.version IS 'Version of the row, 1 for the first; a changed value makes a new one';
COMMENT ON COLUMN {{table}}.withdrawn IS 'True when the row has been taken out of the evidence files with this version';
COMMENT ON COLUMN {{table}}.ingested_at IS 'When this version was taken in, UTC';
COMMENT ON COLUMN {{table}}.ingest_run_id IS 'Run that took this version in';
COMMENT ON COLUMN {{table}}.content_hash IS 'MD5 of the content of the row, without these five columns';

CREATE VIEW {{view}} AS
SELECT *, effective_date({{known}}, NULL) AS effective_known_since
FROM (FROM {{table}} QUALIFY row_number() OVER (PARTITION BY {{keys}} ORDER BY version DESC) = 1) latest
WHERE NOT withdrawn;
COMMENT ON VIEW {{view}} IS 'Latest version of each row, with the day from which it counts as known (NULL: always)';
