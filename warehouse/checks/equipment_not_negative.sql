-- check: Nobody sells less than no equipment, material or packaging: money and tools are not negative
-- severity: error
-- scope: run
-- remedy: a bug in models/systems/: mend it, do not loosen the check
SELECT s.system, s.item, s.measure, s.part, s.period, s.p05, s.p50
FROM latest_system_forecast s
WHERE s.system IN ('equipment', 'materials', 'packaging') AND s.measure IN ('usd', 'tools') AND (s.p50 < 0 OR s.p05 < 0);
