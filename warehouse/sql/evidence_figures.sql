SELECT * EXCLUDE (version, withdrawn, ingested_at, ingest_run_id, content_hash) FROM figures_current WHERE effective_published_on <= $as_of ORDER BY figure_id;
