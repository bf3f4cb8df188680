-- What memory does each kind of server carry in 2026, in GB and USD, and how do the kinds compare?
SELECT item, measure, part, unit, p05, p50, p95, trust
FROM server_content_forecast
-- What the broker report states about the same stands beside it, in parts named with a colon.
WHERE period = '2026' AND NOT contains(part, ':') ORDER BY item, measure, part;
