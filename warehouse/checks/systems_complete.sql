-- check: No system was left out of the run because it failed
-- severity: warning
-- scope: run
-- remedy: the detail says what the system raised; mend it in models/systems/ or its CSV, and run the night again
SELECT d.name, d.detail
FROM recent_diagnostics d JOIN served_rows r ON r.table_name = 'diagnostics' AND r.rows_of = d.run_id
WHERE starts_with(d.name, 'system_failed:');
