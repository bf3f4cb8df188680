SELECT coalesce(max(run_number), 0) + 1 FROM runs;
