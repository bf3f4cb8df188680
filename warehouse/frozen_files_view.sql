CREATE OR REPLACE VIEW frozen_files AS
SELECT parse_filename(filename, true) AS run_id, sha256(content) AS sha256, size AS bytes
FROM read_blob(coalesce(getvariable('hbmcast_state'), {{state}}) || '/' || {{files}});
COMMENT ON VIEW frozen_files IS 'Files of frozen forecasts as they lie on the disk now, with their hash; the table frozen_forecasts has the hash at publication';
COMMENT ON COLUMN frozen_files.sha256 IS 'SHA-256 of the file as it lies on the disk now';
