-- check: Every row of results belongs to a run or a backtest that was recorded
-- severity: error
-- scope: history
-- remedy: publish rows together with their run
SELECT 'forecast' AS table_name, run_id FROM forecast ANTI JOIN runs USING (run_id)
UNION SELECT 'binding', run_id FROM binding ANTI JOIN runs USING (run_id)
UNION SELECT 'diagnostics', run_id FROM diagnostics ANTI JOIN runs USING (run_id)
UNION SELECT 'posterior_drivers', run_id FROM posterior_drivers ANTI JOIN runs USING (run_id)
UNION SELECT 'publisher_bias', run_id FROM publisher_bias ANTI JOIN runs USING (run_id)
UNION SELECT 'figure_fit', run_id FROM figure_fit ANTI JOIN runs USING (run_id)
UNION SELECT 'system_forecast', run_id FROM system_forecast ANTI JOIN runs USING (run_id)
UNION SELECT 'system_lineage', run_id FROM system_lineage ANTI JOIN runs USING (run_id)
UNION SELECT 'scenarios', run_id FROM scenarios ANTI JOIN runs USING (run_id)
UNION SELECT 'sensitivities', run_id FROM sensitivities ANTI JOIN runs USING (run_id)
UNION SELECT 'learning', run_id FROM learning ANTI JOIN runs USING (run_id)
UNION SELECT 'power_scalings', run_id FROM power_scalings ANTI JOIN runs USING (run_id)
UNION SELECT 'report_points', run_id FROM report_points ANTI JOIN runs USING (run_id)
UNION SELECT 'report_conclusions', run_id FROM report_conclusions ANTI JOIN runs USING (run_id)
UNION SELECT 'report_recomputed', run_id FROM report_recomputed ANTI JOIN runs USING (run_id)
UNION SELECT 'scores', run_id FROM scores ANTI JOIN backtests USING (run_id)
UNION SELECT 'outcomes', run_id FROM outcomes ANTI JOIN backtests USING (run_id)
UNION SELECT 'skill', run_id FROM skill ANTI JOIN backtests USING (run_id);
