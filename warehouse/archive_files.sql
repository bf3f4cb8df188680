-- As with the draws: after moving the state folder SET VARIABLE hbmcast_state = '<new folder>'.
CREATE OR REPLACE VIEW archive_files AS
SELECT filename[length(coalesce(getvariable('hbmcast_state'), {{state}})) + 2:] AS file, size AS bytes
FROM read_blob(coalesce(getvariable('hbmcast_state'), {{state}}) || '/' || {{files}});
COMMENT ON VIEW archive_files IS 'Files of the archive as they lie on the disk now';
COMMENT ON COLUMN archive_files.bytes IS 'Size as it lies on the disk now';
