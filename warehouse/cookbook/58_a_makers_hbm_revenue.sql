-- What is SK hynix's HBM revenue each year, in billion USD, and its share of the industry's?
SELECT usd.period, usd.p05 / 1e9 AS p05, usd.p50 / 1e9 AS p50, usd.p95 / 1e9 AS p95, share.p05 AS share_p05, share.p50 AS share_p50, share.p95 AS share_p95, usd.trust
FROM supplier_forecast usd
JOIN supplier_forecast share ON share.item = usd.item AND share.period = usd.period AND share.measure = 'share' AND share.part = 'revenue'
WHERE usd.item = 'sk_hynix' AND usd.measure = 'usd' AND usd.part = 'total' AND usd.period_kind = 'year' AND usd.period >= '2024'
ORDER BY usd.period;
