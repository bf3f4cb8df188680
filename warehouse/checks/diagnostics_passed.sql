-- check: A published run has passed its gate
-- severity: error
-- scope: run
-- remedy: a run that fails the gate is recorded as failed, not published
SELECT d.name, d.value, d.threshold, d.detail
FROM diagnostics d JOIN latest_run r ON r.run_id = d.run_id
-- Warnings of these checks are kept under check: and do not hold a run back.
WHERE d.passed = false AND NOT starts_with(d.name, 'check:');
