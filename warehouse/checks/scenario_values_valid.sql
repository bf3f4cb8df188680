-- check: Quantiles of a scenario, its base and their difference do not fall; a scenario is one of the evidence
-- severity: error
-- scope: run
-- remedy: a bug in models/scenarios/run.py, or rows of scenarios.csv that were withdrawn after the run
SELECT s.scenario, s.quantity, s.period, s.base_p05, s.base_p50, s.base_p95, s.scenario_p05, s.scenario_p50, s.scenario_p95, s.difference_p05, s.difference_p95
FROM scenario_forecast s
WHERE s.title IS NULL OR NOT coalesce(
    s.base_p05 <= s.base_p50 AND s.base_p50 <= s.base_p95 AND s.scenario_p05 <= s.scenario_p50 AND s.scenario_p50 <= s.scenario_p95
    AND s.difference_p05 <= s.difference_p50 AND s.difference_p50 <= s.difference_p95 AND s.probability_lower BETWEEN 0 AND 1, false);
