SELECT * EXCLUDE (version, withdrawn, ingested_at, ingest_run_id, content_hash) FROM assumptions_current WHERE effective_known_since <= $as_of ORDER BY assumption, effective_known_since;
