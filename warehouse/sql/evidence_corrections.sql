SELECT * EXCLUDE (version, withdrawn, ingested_at, ingest_run_id, content_hash) FROM corrections_current ORDER BY figure_id, field;
