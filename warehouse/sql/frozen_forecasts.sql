FROM frozen_forecasts ORDER BY published_at, run_id;
