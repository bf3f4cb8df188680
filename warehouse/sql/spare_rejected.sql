DELETE FROM missing WHERE figure_id IN (SELECT r.figure_id FROM rejected_current r WHERE r.figure_id IS NOT NULL);
