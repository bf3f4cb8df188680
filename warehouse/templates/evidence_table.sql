CREATE TABLE {{table}} (
    {{columns}},
    version INTEGER NOT NULL,
    withdrawn BOOLEAN NOT NULL,
    ingested_at TIMESTAMP NOT NULL,
    ingest_run_id VARCHAR NOT NULL,
    content_hash VARCHAR NOT NULL
);
COMMENT ON TABLE {{table}} IS {{comment}};
{{column_comments}}
COMMENT ON COLUMN {{table}}.version IS 'Version of the row, 1 for the first; a changed value makes a new one';
COMMENT ON COLUMN {{table}}.withdrawn IS 'True when the row has been taken out of the evidence files with this version';
COMMENT ON COLUMN {{table}}.ingested_at IS 'When this version was taken in, UTC';
COMMENT ON COLUMN {{table}}.ingest_run_id IS 'Run that took this version in';
COMMENT ON COLUMN {{table}}.content_hash IS 'MD5 of the content of the row, without these five columns';
