-- check: A wafer of HBM holds at most its whole dies times the GB of a die, in every draw
-- severity: error
-- scope: run
-- remedy: die area and Gb a die in assumptions.csv (hbm.die_area_mm2, hbm.die_gbit), or a bug in models/chain/: mend it, do not loosen the check
WITH known AS (
    SELECT a.assumption, a.p05::DOUBLE AS p05, a.p95::DOUBLE AS p95
    FROM assumptions_current a JOIN latest_run r ON coalesce(a.effective_known_since, r.as_of) <= r.as_of
    WHERE starts_with(a.assumption, 'hbm.die_area_mm2.') OR starts_with(a.assumption, 'hbm.die_gbit.')
    QUALIFY row_number() OVER (PARTITION BY a.assumption ORDER BY a.effective_known_since DESC) = 1
),
-- The smallest die and the most bits, four standard deviations of the lognormal from the middle.
extreme AS (
    SELECT split_part(assumption, '.', 3) AS generation,
        max(sqrt(p05 * p95) / pow(p95 / p05, 2 / 1.6448536269514722)) FILTER (split_part(assumption, '.', 2) = 'die_area_mm2') AS area,
        max(sqrt(p05 * p95) * pow(p95 / p05, 2 / 1.6448536269514722)) FILTER (split_part(assumption, '.', 2) = 'die_gbit') AS gbit
    FROM known GROUP BY generation
),
-- Whole dies on a 300 mm wafer by Ferris and Prabhu.
bound AS (SELECT max(pi() * 300 ^ 2 / 4 / area * exp(-2 * sqrt(area) / 300) * gbit / 8) AS gb FROM extreme)
SELECT d.draw, d.period, d.value, b.gb AS bound
FROM draws d CROSS JOIN bound b
WHERE d.quantity = 'hbm_gb_per_wafer' AND (b.gb IS NULL OR d.value > b.gb * (1 + 1e-6));
