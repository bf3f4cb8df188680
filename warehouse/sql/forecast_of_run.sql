FROM forecast WHERE run_id = $run_id ORDER BY quantity, period;
