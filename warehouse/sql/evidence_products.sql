SELECT * EXCLUDE (version, withdrawn, ingested_at, ingest_run_id, content_hash) FROM products_current WHERE effective_announced_on <= $as_of ORDER BY vendor, product, announced_on;
