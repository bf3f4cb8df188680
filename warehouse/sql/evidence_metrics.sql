SELECT * EXCLUDE (version, withdrawn, ingested_at, ingest_run_id, content_hash) FROM metrics_current ORDER BY metric, entity, segment, unit;
