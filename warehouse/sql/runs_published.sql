FROM runs WHERE status = 'published' ORDER BY as_of DESC, run_number DESC;
