-- Which product classes make up the accelerators of 2026? Medians of shares, which need not sum to one; means do.
SELECT replace(quantity, 'accelerator_mix_', '') AS class, p05, p50, p95, mean
FROM accelerator_forecast
WHERE quantity LIKE 'accelerator\_mix\_%' ESCAPE '\' AND period = '2026'
ORDER BY mean DESC, class;
