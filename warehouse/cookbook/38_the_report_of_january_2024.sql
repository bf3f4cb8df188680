-- What did the broker report of January 2024 say of 2024, step by step, what do its own inputs give, and what do we say now?
SELECT item, status, coalesce(stated_low, derived_low) AS report_low, coalesce(stated_high, stated_low, derived_high) AS report_high,
    difference_low, difference_high, p05, p50, p95, ours_over_report, unit
FROM report_replica WHERE period = '2024'
ORDER BY list_position(['servers', 'share', 'training_servers', 'accelerators_per_server', 'accelerators', 'stacks_per_accelerator', 'hbm_stacks',
    'gb_per_accelerator', 'hbm_gb', 'price_usd_per_gb', 'hbm_revenue_usd'], item);
