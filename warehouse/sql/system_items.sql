-- What can be explained: items of systems, quantities of the chain, scenarios.
SELECT DISTINCT s.system, s.item FROM latest_system_forecast s
UNION SELECT 'chain', f.quantity FROM latest_forecast f
UNION SELECT 'scenario', c.scenario FROM scenario_forecast c
ORDER BY ALL;
