-- How likely is it that thermo-compression bonders sell above 500 million USD and HBM above 60 billion in 2026, and what if the two had nothing to do with each other?
SELECT probability_both_above('equipment/tcb/usd/total', '2026', 500e6, 'hbm_revenue_usd', '2026', 60e9) AS both_above,
    probability_above('equipment/tcb/usd/total', '2026', 500e6) * probability_above('hbm_revenue_usd', '2026', 60e9) AS if_independent;
