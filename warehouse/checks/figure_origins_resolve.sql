-- check: Every origin_id names a figure
-- severity: warning
-- scope: evidence
-- remedy: give the first figure of the statement as origin_id
SELECT f.figure_id, f.origin_id FROM figures_current f WHERE f.origin_id IS NULL OR f.origin_id NOT IN (SELECT o.figure_id FROM figures o);
