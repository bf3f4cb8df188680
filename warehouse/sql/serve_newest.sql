-- While the checks run: the run being published, also where it is a rerun of history that will not be served.
CREATE OR REPLACE VIEW latest_run AS FROM runs WHERE status = 'published' ORDER BY run_number DESC LIMIT 1;
