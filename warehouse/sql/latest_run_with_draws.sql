SELECT run_id FROM latest_run WHERE draws_file IS NOT NULL;
