SELECT count(*) FROM missing;
