FROM freshness;
