-- Rows in force that the evidence files no longer have.
CREATE OR REPLACE TEMP TABLE missing AS
FROM latest_version c ANTI JOIN staged s ON {{key_match}} WHERE NOT c.withdrawn;
