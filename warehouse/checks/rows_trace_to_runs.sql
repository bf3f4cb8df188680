-- check: Every row of results belongs to a run that was recorded
-- severity: error
-- scope: history
-- remedy: publish rows together with their run
SELECT 'forecast' AS table_name, run_id FROM forecast ANTI JOIN runs USING (run_id)
UNION SELECT 'binding', run_id FROM binding ANTI JOIN runs USING (run_id)
UNION SELECT 'diagnostics', run_id FROM diagnostics ANTI JOIN runs USING (run_id)
UNION SELECT 'posterior_drivers', run_id FROM posterior_drivers ANTI JOIN runs USING (run_id)
UNION SELECT 'publisher_bias', run_id FROM publisher_bias ANTI JOIN runs USING (run_id)
UNION SELECT 'figure_fit', run_id FROM figure_fit ANTI JOIN runs USING (run_id);
