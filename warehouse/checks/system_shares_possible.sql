-- check: The median of every share of a system lies between 0 and 1
-- severity: error
-- scope: run
-- remedy: a bug in models/systems/: mend it, do not loosen the check
SELECT s.system, s.item, s.measure, s.part, s.period, s.p50
FROM latest_system_forecast s
-- 1e-6: shares are stored in single precision.
WHERE (s.measure = 'share' OR ends_with(s.measure, '_share')) AND (s.p50 < 0 OR s.p50 > 1 + 1e-6);
