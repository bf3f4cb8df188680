-- check: Every figure has a value or a bound, finite, and low is not above high
-- severity: error
-- scope: evidence
-- remedy: mend the row in the evidence files
SELECT figure_id, value, low, high FROM figures_current
WHERE (value IS NULL AND low IS NULL AND high IS NULL) OR low > high
    OR NOT isfinite(coalesce(value, 0)) OR NOT isfinite(coalesce(low, 0)) OR NOT isfinite(coalesce(high, 0));
