INSERT INTO {{table}} ({{columns}}, version, withdrawn, ingested_at, ingest_run_id, content_hash)
SELECT {{columns}}, version + 1, true, $ingested_at, $run_id, content_hash FROM missing;
