-- check: CoWoS wafers shipped are at most what is wanted and what can be supplied, in every draw
-- severity: error
-- scope: run
-- remedy: a bug in models/: mend it, do not loosen the check
SELECT draw, period, shipped, wanted, supply
FROM (
    SELECT draw, period,
        max(value::DOUBLE) FILTER (quantity = 'cowos_wafers') AS shipped,
        max(value::DOUBLE) FILTER (quantity = 'cowos_wafers_demand') AS wanted,
        max(value::DOUBLE) FILTER (quantity = 'cowos_wafers_supply') AS supply
    FROM draws WHERE quantity IN ('cowos_wafers', 'cowos_wafers_demand', 'cowos_wafers_supply')
    GROUP BY draw, period
) pivoted
WHERE shipped > wanted * (1 + 1e-5) OR shipped > supply * (1 + 1e-5);
