-- check: The HBM generation shares sum to one in every draw
-- severity: error
-- scope: run
-- remedy: a bug in models/: mend it, do not loosen the check
SELECT draw, period, sum(value::DOUBLE) AS total
FROM draws WHERE starts_with(quantity, 'hbm_generation_share_')
GROUP BY draw, period HAVING NOT abs(total - 1) <= 1e-5;
