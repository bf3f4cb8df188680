SELECT outcome, count(*) FROM classified GROUP BY outcome;
