-- What do a hundred joint scenarios look like, a row a draw and a column a quantity? (hbmcast export --scenarios 1000 --xlsx writes a workbook of them.)
SELECT draw, max(value) FILTER (quantity = 'hbm_revenue_usd' AND period = '2026') AS hbm_revenue_usd_2026, max(value) FILTER (quantity = 'hbm_revenue_usd' AND period = '2027') AS hbm_revenue_usd_2027,
    max(value) FILTER (quantity = 'hbm_bits_gb' AND period = '2027') AS hbm_bits_gb_2027, max(value) FILTER (quantity = 'cowos_wafers' AND period = '2027') AS cowos_wafers_2027
FROM draws
WHERE period IN ('2026', '2027') AND quantity IN ('hbm_revenue_usd', 'hbm_bits_gb', 'cowos_wafers')
GROUP BY draw ORDER BY draw LIMIT 100;
