-- check: A published run has passed its gate
-- severity: error
-- scope: run
-- remedy: a run that fails the gate is recorded as failed, not published
SELECT d.name, d.value, d.threshold, d.detail
FROM recent_diagnostics d JOIN served_rows r ON r.table_name = 'diagnostics' AND r.rows_of = d.run_id
-- Warnings of these checks are kept under check: and do not hold a run back.
WHERE d.passed = false AND NOT starts_with(d.name, 'check:');
