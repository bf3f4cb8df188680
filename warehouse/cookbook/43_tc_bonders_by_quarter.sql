-- How many thermo-compression bonders are bought each quarter of 2026 and 2027, and what do they cost in million USD, together and each?
SELECT tools.period, tools.p05 AS tools_p05, tools.p50 AS tools_p50, tools.p95 AS tools_p95,
    usd.p05 / 1e6 AS million_usd_p05, usd.p50 / 1e6 AS million_usd_p50, usd.p95 / 1e6 AS million_usd_p95,
    each_.p50 / 1e6 AS million_usd_each, usd.n_figures, usd.trust
FROM equipment_forecast tools
JOIN equipment_forecast usd ON usd.item = tools.item AND usd.part = tools.part AND usd.period = tools.period AND usd.measure = 'usd'
JOIN equipment_forecast each_ ON each_.item = tools.item AND each_.part = tools.part AND each_.period = tools.period AND each_.measure = 'usd_per_tool'
WHERE tools.item = 'tcb' AND tools.measure = 'tools' AND tools.part = 'total' AND tools.period_kind = 'quarter' AND tools.period >= '2026Q1'
ORDER BY tools.period;
