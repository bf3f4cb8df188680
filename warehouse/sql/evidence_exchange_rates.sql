SELECT * EXCLUDE (version, withdrawn, ingested_at, ingest_run_id, content_hash) FROM exchange_rates_current ORDER BY currency, year;
