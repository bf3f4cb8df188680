-- How many tools of each category does HBM and CoWoS take in 2026, and what do they cost in million USD? How far is it to be trusted?
SELECT usd.item, tools.p05 AS tools_p05, tools.p50 AS tools_p50, tools.p95 AS tools_p95,
    usd.p05 / 1e6 AS million_usd_p05, usd.p50 / 1e6 AS million_usd_p50, usd.p95 / 1e6 AS million_usd_p95, usd.n_figures, usd.trust
FROM equipment_forecast usd
LEFT JOIN equipment_forecast tools ON tools.item = usd.item AND tools.period = usd.period AND tools.part = usd.part AND tools.measure = 'tools'
WHERE usd.measure = 'usd' AND usd.part = 'total' AND usd.period = '2026'
ORDER BY usd.p50 DESC, usd.item;
