-- Whose figures are biased most, in per cent, with the number of figures that rests on?
SELECT publisher, n, 100 * (exp(p50) - 1) AS bias_percent, 100 * (exp(p05) - 1) AS low_percent, 100 * (exp(p95) - 1) AS high_percent
FROM latest_publisher_bias
ORDER BY abs(p50) DESC, publisher;
