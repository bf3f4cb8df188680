SELECT f.run_id, f.as_of, f.run_number, f.finished_at, f.quantity, f.period, f.period_kind, f.p05, f.p10, f.p25, f.p50, f.p75, f.p90, f.p95
FROM forecast_history f WHERE f.quantity IN (SELECT unnest($quantities)) ORDER BY f.as_of, f.run_number, f.quantity, f.period;
