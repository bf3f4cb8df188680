-- How likely is the report's conclusion, HBM above 10 billion USD in 2024, under the run served and under runs of its own time?
SELECT as_of, hindsight, threshold_usd / 1e9 AS billion_usd, probability, mcse FROM report_conclusion ORDER BY as_of, served;
