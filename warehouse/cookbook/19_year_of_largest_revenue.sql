-- In which year is HBM revenue largest, and how likely is each?
SELECT year, count(*) / sum(count(*)) OVER () AS probability
FROM (SELECT draw, arg_max(period, value) AS year FROM draws WHERE quantity = 'hbm_revenue_usd' AND length(period) = 4 GROUP BY draw) per_draw
GROUP BY year
ORDER BY year;
