-- Which share of HBM bits does each generation have, each year from 2024 to 2027?
SELECT period, replace(quantity, 'hbm_generation_share_', '') AS generation, p05, p50, p95
FROM hbm_forecast
WHERE quantity LIKE 'hbm\_generation\_share\_%' ESCAPE '\' AND period_kind = 'year' AND period >= '2024'
ORDER BY period, generation;
