-- What do equipment and materials cost together in 2026, in billion USD and per USD of HBM revenue? (Sums draw by draw, quantiles last.)
SELECT quantile_cont(spent, [0.05, 0.5, 0.95]) AS billion_usd, quantile_cont(spent / revenue, [0.05, 0.5, 0.95]) AS per_usd_of_hbm, count(*) AS n_draws
FROM (
    SELECT s.draw, sum(s.value::DOUBLE) / 1e9 AS spent, any_value(d.value::DOUBLE) / 1e9 AS revenue
    FROM system_draws s JOIN draws d ON d.draw = s.draw AND d.period = s.period AND d.quantity = 'hbm_revenue_usd'
    WHERE s.period = '2026' AND s.item IN ('all_categories', 'all_materials') AND s.measure = 'usd' AND s.part = 'total'
    GROUP BY s.draw
) every_draw;
