-- What do buyers in China spend on each segment and item in 2026, and what of it goes to Chinese suppliers, in million USD?
SELECT d.item, b.p50 / 1e6 AS bought_in_china, d.p05 / 1e6 AS domestic_p05, d.p50 / 1e6 AS domestic_p50, d.p95 / 1e6 AS domestic_p95, d.trust
FROM substitution_forecast d
JOIN substitution_forecast b ON b.item = d.item AND b.period = d.period AND b.measure = 'usd' AND b.part = 'china'
WHERE d.measure = 'usd' AND d.part = 'domestic' AND d.period = '2026'
ORDER BY d.p50 DESC, d.item;
