-- How likely is it that the price of HBM falls by more than a tenth in 2027, and that it falls at all?
SELECT 1 - probability_of_growth_above('hbm_price_usd_per_gb', '2027', '2026', -0.1) AS by_more_than_a_tenth,
    1 - probability_of_growth_above('hbm_price_usd_per_gb', '2027', '2026', 0) AS at_all;
