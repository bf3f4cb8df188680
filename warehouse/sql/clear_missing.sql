-- Nothing is withdrawn.
DELETE FROM missing;
