-- check: The drivers' shares of a target's variance add up to one
-- severity: error
-- scope: run
-- remedy: a bug in models/attribution/sensitivity.py
SELECT s.target, s.period, sum(s.share) AS sum_of_shares, count(*) AS drivers
FROM sensitivity s GROUP BY s.target, s.period
HAVING sum_of_shares IS NULL OR abs(sum_of_shares - 1) > 1e-6;
