-- check: Every quantity and period has each draw number exactly once
-- severity: error
-- scope: run
-- remedy: write the draws again: a block is missing or was written twice
SELECT quantity, period, n, smallest, largest, expected
FROM (
    SELECT quantity, period, count(*) AS n, min(draw) AS smallest, max(draw) AS largest, sum(draw) AS total,
        max(count(*)) OVER () AS expected
    FROM draws GROUP BY quantity, period
) series
-- Draw numbers run from 0 to n - 1; count, ends and sum together catch gaps and doubles.
WHERE n <> expected OR smallest <> 0 OR largest <> expected - 1 OR total * 2 <> n::HUGEINT * (n - 1);
