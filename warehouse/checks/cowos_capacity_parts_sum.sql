-- check: CoWoS capacity is that of TSMC plus that of others in every draw
-- severity: error
-- scope: run
-- remedy: a bug in models/: mend it, do not loosen the check
SELECT draw, period, total, tsmc, others
FROM (
    SELECT draw, period,
        max(value::DOUBLE) FILTER (quantity = 'cowos_capacity_wafers_per_month') AS total,
        max(value::DOUBLE) FILTER (quantity = 'cowos_capacity_tsmc_wafers_per_month') AS tsmc,
        max(value::DOUBLE) FILTER (quantity = 'cowos_capacity_others_wafers_per_month') AS others
    FROM draws
    WHERE quantity IN ('cowos_capacity_wafers_per_month', 'cowos_capacity_tsmc_wafers_per_month', 'cowos_capacity_others_wafers_per_month')
    GROUP BY draw, period
) pivoted
WHERE abs(total - tsmc - others) > 2e-6 * abs(total);
