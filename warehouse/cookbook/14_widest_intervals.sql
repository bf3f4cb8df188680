-- Of which headline quantities are we least sure in 2027? 90 % interval as a multiple: p95 over p05.
SELECT quantity, p05, p50, p95, unit, p95 / nullif(p05, 0) AS upper_over_lower
FROM headline_forecast
WHERE period = '2027'
ORDER BY upper_over_lower DESC, quantity;
