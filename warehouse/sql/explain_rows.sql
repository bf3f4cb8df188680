SELECT s.measure, s.part, s.period, s.unit, s.p05, s.p50, s.p95, s.n_figures, s.trust, s.as_of, s.run_id
FROM latest_system_forecast s WHERE s.system = $system AND s.item = $item AND s.period = $period ORDER BY s.measure, s.part <> 'total', s.part;
