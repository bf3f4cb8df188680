CREATE VIEW {{view}} AS
SELECT s.item, s.measure, s.part, s.period, s.unit, s.p05, s.p10, s.p25, s.p50, s.p75, s.p90, s.p95, s.mean, s.n_figures, s.trust, s.period_kind, s.n_draws, s.as_of, s.run_id
FROM latest_system_forecast s WHERE s.system = {{system}};
COMMENT ON VIEW {{view}} IS {{comment}};
