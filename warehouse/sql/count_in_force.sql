-- Rows in force of the table whose latest versions were last looked at.
SELECT count(*) FROM latest_version WHERE NOT withdrawn;
