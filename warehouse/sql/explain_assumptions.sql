-- Each assumption as it stood for the run served.
SELECT a.assumption, a.p05, a.p95, a.unit, a.basis, a.source, a.known_since, a.description
FROM assumed a JOIN latest_run r ON a.effective_known_since <= r.as_of
QUALIFY row_number() OVER (PARTITION BY a.assumption ORDER BY a.effective_known_since DESC) = 1
ORDER BY a.assumption;
