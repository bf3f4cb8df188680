-- Which share of CoWoS wafers goes to each customer in 2026? Quantiles of the ratio, taken draw by draw.
SELECT replace(part.quantity, 'cowos_wafers_', '') AS customer,
    quantile_cont(part.value::DOUBLE / whole.value, 0.05) AS p05, quantile_cont(part.value::DOUBLE / whole.value, 0.5) AS p50,
    quantile_cont(part.value::DOUBLE / whole.value, 0.95) AS p95
FROM draws part JOIN draws whole ON whole.draw = part.draw AND whole.period = part.period AND whole.quantity = 'cowos_wafers'
WHERE part.period = '2026' AND part.quantity IN (SELECT q.quantity FROM quantities q WHERE q.quantity LIKE 'cowos\_wafers\_%' ESCAPE '\')
    AND part.quantity NOT IN ('cowos_wafers_demand', 'cowos_wafers_supply')
GROUP BY part.quantity ORDER BY p50 DESC, customer;
