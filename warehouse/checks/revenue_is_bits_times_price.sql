-- check: HBM revenue is bits times price in every draw
-- severity: error
-- scope: run
-- remedy: a bug in models/: mend it, do not loosen the check
SELECT draw, period, revenue, bits, price
FROM (
    SELECT draw, period,
        max(value::DOUBLE) FILTER (quantity = 'hbm_revenue_usd') AS revenue,
        max(value::DOUBLE) FILTER (quantity = 'hbm_bits_gb') AS bits,
        max(value::DOUBLE) FILTER (quantity = 'hbm_price_usd_per_gb') AS price
    FROM draws WHERE quantity IN ('hbm_revenue_usd', 'hbm_bits_gb', 'hbm_price_usd_per_gb')
    GROUP BY draw, period
) pivoted
-- Three numbers rounded to float32: each is off by at most 6e-8 of itself.
WHERE abs(revenue - bits * price) > 2e-6 * abs(revenue) OR revenue IS NULL OR bits IS NULL OR price IS NULL;
