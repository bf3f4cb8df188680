-- Figures whose row can't be used tonight stay as they were, unless even that no longer passes.
DELETE FROM missing
WHERE NOT list_contains($unfit, figure_id)
  AND figure_id IN (SELECT r.figure_id FROM rejected_current r WHERE r.figure_id IS NOT NULL);
