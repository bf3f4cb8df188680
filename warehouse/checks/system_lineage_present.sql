-- check: Every number of a system says what it rests on
-- severity: error
-- scope: run
-- remedy: give the series its inputs and figure_ids in models/systems/
SELECT DISTINCT s.system, s.item, s.measure
FROM latest_system_forecast s
LEFT JOIN latest_system_lineage l ON l.run_id = s.run_id AND l.system = s.system AND l.item = s.item AND l.measure = s.measure
WHERE l.run_id IS NULL;
