-- Which figures surprise the model most? Chance of a figure at least as far out, both sides counted.
SELECT figure_id, publisher, metric, quantity, period, published_value, predicted_p50, 2 * least(pit, 1 - pit) AS chance_of_such_a_figure, url
FROM latest_figure_fit
WHERE used AND pit IS NOT NULL
ORDER BY chance_of_such_a_figure, figure_id
LIMIT 20;
