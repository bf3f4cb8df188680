-- What does the forecast of HBM revenue and bits look like in the format of forecast hubs, with quantiles, and samples of one id across all targets?
WITH targets AS (
    SELECT f.as_of AS reference_date, f.quantity AS target, f.period, year(last_day(make_date(left(f.period, 4)::BIGINT, 12, 1))) - year(f.as_of) AS horizon,
        make_date(left(f.period, 4)::BIGINT, 12, 31) AS target_end_date, 'industry' AS location, f.p05, f.p25, f.p50, f.p75, f.p95
    FROM latest_forecast f WHERE f.quantity IN ('hbm_revenue_usd', 'hbm_bits_gb') AND f.period_kind = 'year' AND f.period >= year(f.as_of)::VARCHAR
), quantiles AS (
    SELECT t.*, unnest([50, 250, 500, 750, 950]) AS level_per_mille, unnest([t.p05, t.p25, t.p50, t.p75, t.p95]) AS value FROM targets t
)
-- The level is made of an integer: what looks like 0.05 is 0.05 wherever it is joined on.
SELECT reference_date, target, horizon, target_end_date, location, 'quantile' AS output_type, rtrim(printf('%d.%03d', level_per_mille // 1000, level_per_mille % 1000), '0') AS output_type_id, value
FROM quantiles
UNION ALL
SELECT t.reference_date, t.target, t.horizon, t.target_end_date, t.location, 'sample', 's' || lpad(d.draw::VARCHAR, 6, '0'), d.value::DOUBLE
FROM targets t JOIN draws d ON d.quantity = t.target AND d.period = t.period
WHERE d.draw < 100
ORDER BY output_type, target, target_end_date, output_type_id;
