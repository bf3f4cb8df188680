-- Only figures that no longer pass are withdrawn.
DELETE FROM missing WHERE NOT list_contains($unfit, figure_id);
