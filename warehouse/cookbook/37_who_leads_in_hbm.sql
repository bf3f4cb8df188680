-- How likely is each named maker to have the largest share of HBM revenue, each year from 2024 to 2027?
SELECT period, leader, count(*) / sum(count(*)) OVER (PARTITION BY period) AS probability
FROM (
    SELECT period, draw, arg_max(item, value) AS leader
    FROM system_draws WHERE system = 'supplier' AND measure = 'share' AND part = 'revenue' AND item <> 'others' AND period BETWEEN '2024' AND '2027'
    GROUP BY period, draw
) every_draw
GROUP BY period, leader ORDER BY period, probability DESC, leader;
