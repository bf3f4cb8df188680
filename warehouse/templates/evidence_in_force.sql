CREATE VIEW {{view}} AS
SELECT c.* FROM {{current}} c JOIN latest_run r ON coalesce(c.effective_known_since, r.as_of) <= r.as_of
QUALIFY row_number() OVER (PARTITION BY {{names}} ORDER BY c.effective_known_since DESC) = 1;
COMMENT ON VIEW {{view}} IS 'Rows known to the run served, of each name the newest';
