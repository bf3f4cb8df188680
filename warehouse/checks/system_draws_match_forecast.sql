-- check: The stored draws of the systems are those their forecast was made of, each number once
-- severity: error
-- scope: run
-- remedy: publish the draws and the forecast of one and the same simulation
SELECT d.quantity, d.period, any_value(h.p50) AS p50, any_value(h.n_draws) AS n_draws, count(*) AS n, sum(d.draw::HUGEINT) AS sum_of_numbers,
    avg((d.value < h.p50)::INTEGER) AS below_p50, avg((d.value <= h.p50)::INTEGER) AS not_above_p50
FROM system_draws d
JOIN (SELECT x.*, concat_ws('/', x.system, x.item, x.measure, x.part) AS quantity FROM latest_system_forecast x) h
    ON h.quantity = d.quantity AND h.period = d.period
WHERE d.measure = 'usd' AND d.part = 'total'
GROUP BY d.quantity, d.period
-- Numbers run from 0 in equal steps; count, last and sum together catch gaps and doubles.
HAVING n <> n_draws OR 2 * sum_of_numbers <> n * max(d.draw)::HUGEINT OR NOT (below_p50 <= 0.501 AND not_above_p50 >= 0.499);
