INSERT INTO {{table}} ({{columns}}, version, withdrawn, ingested_at, ingest_run_id, content_hash)
SELECT {{columns}}, old_version + 1, false, $ingested_at, $run_id, md5(row({{columns}})::VARCHAR)
FROM classified WHERE outcome <> 'unchanged';
