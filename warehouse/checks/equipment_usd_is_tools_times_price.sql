-- check: Equipment in USD is tools times price in every draw
-- severity: error
-- scope: run
-- remedy: a bug in models/systems/: mend it, do not loosen the check
SELECT item, draw, period, usd, tools, price
FROM (
    SELECT item, draw, period,
        max(value::DOUBLE) FILTER (measure = 'usd') AS usd,
        max(value::DOUBLE) FILTER (measure = 'tools') AS tools,
        max(value::DOUBLE) FILTER (measure = 'usd_per_tool') AS price
    FROM system_draws
    -- The years that are forecast: the arithmetic of the others is the same, and looking costs.
    WHERE period >= '2024' AND quantity >= 'equipment/' AND quantity < 'equipment0' AND part = 'total' AND measure IN ('usd', 'tools', 'usd_per_tool')
    GROUP BY item, draw, period
) pivoted
-- Without tools there is no price, and nothing may be spent.
WHERE CASE WHEN tools = 0 THEN usd <> 0 ELSE NOT abs(usd - tools * price) <= 2e-6 * usd END;
