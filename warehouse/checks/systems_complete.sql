-- check: No system was left out of the run because it failed
-- severity: warning
-- scope: run
-- remedy: the detail says what the system raised; mend it in models/systems/ or its CSV, and run the night again
SELECT d.name, d.detail
FROM diagnostics d JOIN latest_run r ON r.run_id = d.run_id
WHERE starts_with(d.name, 'system_failed:');
