-- check: Quantiles of the systems do not fall, and are finite or missing together
-- severity: error
-- scope: run
-- remedy: a bug in models/systems/: mend it, do not loosen the check
SELECT s.system, s.item, s.measure, s.part, s.period, s.p05, s.p10, s.p25, s.p50, s.p75, s.p90, s.p95
FROM latest_system_forecast s
WHERE NOT (
    (s.p05 <= s.p10 AND s.p10 <= s.p25 AND s.p25 <= s.p50 AND s.p50 <= s.p75 AND s.p75 <= s.p90 AND s.p90 <= s.p95 AND isfinite(s.p05) AND isfinite(s.p95))
    -- A ratio of nothing to nothing (a part of a year without any) has no interval, rather than a wrong one.
    IS NOT DISTINCT FROM true OR coalesce(s.p05, s.p10, s.p25, s.p50, s.p75, s.p90, s.p95) IS NULL
);
