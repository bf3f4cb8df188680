CREATE OR REPLACE VIEW archive_files AS
SELECT NULL::VARCHAR AS file, NULL::BIGINT AS bytes WHERE false;
COMMENT ON VIEW archive_files IS 'Files of the archive; empty, since there are none yet';
