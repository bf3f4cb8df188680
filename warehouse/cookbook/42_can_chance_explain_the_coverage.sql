-- How many outcomes did our past 80 % intervals hold, and could a forecast that is right have shown that by chance (nine in ten of them)?
SELECT quantity, horizon_group, n, n_targets, coverage_80, coverage_80_calibrated_low, coverage_80_calibrated_high,
    CASE
        WHEN coverage_80 < coverage_80_calibrated_low THEN 'too narrow'
        WHEN coverage_80 > coverage_80_calibrated_high THEN 'too wide'
        WHEN coverage_80_calibrated_low IS NOT NULL THEN 'chance may explain it'
    END AS verdict
FROM scoreboard
WHERE opponent = 'none' AND NOT contains(quantity, '/')
ORDER BY quantity, n DESC;
