-- check: Every forecast row has draws, so that macros can answer about it
-- severity: warning
-- scope: run
-- remedy: store the draws of all published quantities
SELECT wanted.quantity, wanted.period
FROM latest_forecast wanted
-- A series with draws has the first one: another check sees to that.
ANTI JOIN (SELECT DISTINCT d.quantity, d.period FROM draws d WHERE d.draw = 0) stored USING (quantity, period)
WHERE (SELECT count(*) FROM latest_run r WHERE r.draws_file IS NOT NULL) > 0
ORDER BY ALL;
