-- check: The accelerator mix sums to one in every draw
-- severity: error
-- scope: run
-- remedy: a bug in models/: mend it, do not loosen the check
SELECT draw, period, sum(value::DOUBLE) AS total
FROM draws WHERE starts_with(quantity, 'accelerator_mix_')
GROUP BY draw, period HAVING NOT abs(total - 1) <= 1e-5;
