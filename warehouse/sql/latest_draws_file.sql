SELECT draws_file FROM latest_run WHERE draws_file IS NOT NULL;
