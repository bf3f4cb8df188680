-- How many thermo-compression bonders are bought each quarter of 2026 and 2027, and what do they cost in million USD, together and each?
SELECT period, CASE measure WHEN 'tools' THEN 'tools' WHEN 'usd' THEN 'million USD' ELSE 'million USD each' END AS what,
    p05 / size AS p05, p50 / size AS p50, p95 / size AS p95, n_figures, trust
FROM (SELECT *, CASE measure WHEN 'tools' THEN 1 ELSE 1e6 END AS size FROM equipment_forecast)
WHERE item = 'tcb' AND measure IN ('tools', 'usd', 'usd_per_tool') AND part = 'total' AND period_kind = 'quarter' AND period >= '2026Q1'
ORDER BY period, measure;
