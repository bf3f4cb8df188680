-- How many outcomes did our past 80 % intervals hold, and could a calibrated forecast have shown that by chance (nine in ten of them)?
-- Until there is a backtest of one's own, those committed with the code answer.
WITH scores_shown AS (
    FROM scoreboard UNION ALL BY NAME FROM committed_scoreboard WHERE NOT EXISTS (FROM scoreboard)
)
SELECT quantity, horizon_group, n, n_targets, coverage_80, coverage_80_calibrated_low, coverage_80_calibrated_high,
    CASE
        WHEN coverage_80 < coverage_80_calibrated_low THEN 'too narrow'
        WHEN coverage_80 > coverage_80_calibrated_high THEN 'too wide'
        WHEN coverage_80_calibrated_low IS NOT NULL THEN 'chance may explain it'
    END AS verdict
FROM scores_shown
WHERE opponent = 'none' AND NOT contains(quantity, '/')
ORDER BY quantity, n DESC;
