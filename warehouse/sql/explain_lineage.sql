SELECT l.input_kind, l.input_name
FROM system_lineage l JOIN latest_run r ON r.run_id = l.run_id WHERE l.system = $system AND l.item = $item
UNION
SELECT 'quantity', q.quantity FROM quantities q WHERE $system = 'chain' AND q.quantity = $item
UNION
SELECT 'quantity', q.quantity FROM scenario_shocks_current s JOIN quantities q ON q.quantity = s.driver WHERE $system = 'scenario' AND s.scenario = $item
ORDER BY ALL;
