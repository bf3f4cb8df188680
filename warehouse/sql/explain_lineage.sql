SELECT l.input_kind, l.input_name, list(DISTINCT l.measure ORDER BY l.measure) AS measures
FROM system_lineage l JOIN latest_run r ON r.run_id = l.run_id
WHERE l.system = $system AND l.item = $item GROUP BY l.input_kind, l.input_name ORDER BY l.input_kind, l.input_name;
