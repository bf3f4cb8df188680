-- What readers are served: the run that knows most, so that a rerun of history does not displace tonight's forecast.
CREATE OR REPLACE VIEW latest_run AS FROM runs WHERE status = 'published' ORDER BY as_of DESC, run_number DESC LIMIT 1;
COMMENT ON VIEW latest_run IS 'The run served: of the published ones that with the latest as_of, and of these the last; what every *_forecast view and every macro over draws shows';
