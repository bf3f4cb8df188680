-- How likely is each headline quantity lower in 2027 than in 2026?
SELECT later.quantity, avg((later.value < earlier.value)::INTEGER) AS probability_lower
FROM draws later JOIN draws earlier ON earlier.quantity = later.quantity AND earlier.draw = later.draw AND earlier.period = '2026'
WHERE later.period = '2027' AND later.quantity IN (SELECT q.quantity FROM quantities q WHERE q.headline)
GROUP BY later.quantity ORDER BY probability_lower DESC, later.quantity;
