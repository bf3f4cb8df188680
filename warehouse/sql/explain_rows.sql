SELECT * FROM (
SELECT s.measure, s.part, s.period, s.unit, s.p05, s.p50, s.p95, s.n_figures, s.trust, s.as_of, s.run_id
FROM latest_system_forecast s WHERE s.system = $system AND s.item = $item AND s.period = $period
UNION ALL
SELECT f.quantity, 'total', f.period, f.unit, f.p05, f.p50, f.p95, NULL, NULL, f.as_of, f.run_id
FROM latest_forecast f WHERE $system = 'chain' AND f.quantity = $item AND f.period = $period
UNION ALL
SELECT c.quantity, 'against the base', c.period, 'of the base', c.relative_p05, c.relative_p50, c.relative_p95, NULL, NULL, c.as_of, c.run_id
FROM scenario_forecast c WHERE $system = 'scenario' AND c.scenario = $item AND c.period = $period
) found
ORDER BY measure, part <> 'total', part;
