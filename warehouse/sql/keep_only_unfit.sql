-- Only what may not stay in force is withdrawn.
DELETE FROM missing WHERE NOT list_contains($unfit, {{name}});
