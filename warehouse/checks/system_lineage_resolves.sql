-- check: What a system rests on is a quantity, assumption or figure that the warehouse has
-- severity: warning
-- scope: run
-- remedy: name quantities, assumptions and figures in Series.inputs and figure_ids as their tables do
SELECT l.system, l.item, l.measure, l.input_kind, l.input_name
FROM latest_system_lineage l
WHERE NOT CASE l.input_kind
    WHEN 'quantity' THEN l.input_name IN (SELECT q.quantity FROM quantities q)
    WHEN 'assumption' THEN l.input_name IN (SELECT a.assumption FROM assumed a)
    WHEN 'figure' THEN l.input_name IN (SELECT f.figure_id FROM figures f)
    ELSE false
END;
