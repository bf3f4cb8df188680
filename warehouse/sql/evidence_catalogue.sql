SELECT * EXCLUDE (version, withdrawn, ingested_at, ingest_run_id, content_hash, effective_known_since)
FROM {{view}} WHERE effective_known_since IS NULL OR effective_known_since <= $as_of ORDER BY {{keys}};
