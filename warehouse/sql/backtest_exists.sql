SELECT count(*) > 0 FROM backtests WHERE run_id = $run_id;
