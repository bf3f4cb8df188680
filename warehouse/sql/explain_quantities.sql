SELECT f.quantity, f.unit, f.p05, f.p50, f.p95, q.description
FROM latest_forecast f LEFT JOIN quantities q ON q.quantity = f.quantity WHERE f.period = $period ORDER BY f.quantity;
