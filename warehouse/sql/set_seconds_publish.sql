UPDATE runs SET seconds_publish = $seconds WHERE run_id = $run_id AND seconds_publish IS NULL;
