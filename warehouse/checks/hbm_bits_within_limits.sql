-- check: HBM bits shipped are at most what is wanted and what can be supplied, in every draw
-- severity: error
-- scope: run
-- remedy: a bug in models/: mend it, do not loosen the check
SELECT draw, period, shipped, wanted, supply
FROM (
    SELECT draw, period,
        max(value::DOUBLE) FILTER (quantity = 'hbm_bits_gb') AS shipped,
        max(value::DOUBLE) FILTER (quantity = 'hbm_bits_demand_gb') AS wanted,
        max(value::DOUBLE) FILTER (quantity = 'hbm_bits_supply_gb') AS supply
    FROM draws WHERE quantity IN ('hbm_bits_gb', 'hbm_bits_demand_gb', 'hbm_bits_supply_gb')
    GROUP BY draw, period
) pivoted
WHERE shipped > wanted * (1 + 1e-5) OR shipped > supply * (1 + 1e-5);
