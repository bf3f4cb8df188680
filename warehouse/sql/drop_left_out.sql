DELETE FROM left_out WHERE run_id = $run_id;
