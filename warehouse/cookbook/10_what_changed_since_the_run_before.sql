-- What changed between the last two published runs? Largest moves of a yearly headline median first; no rows where nothing moved.
WITH last_two AS (
    SELECT run_id, row_number() OVER (ORDER BY as_of DESC, run_number DESC) AS age FROM runs WHERE status = 'published'
)
SELECT change.quantity, change.period, change.earlier_p50, change.later_p50, change.change_of_median
FROM changes_between((SELECT run_id FROM last_two WHERE age = 2), (SELECT run_id FROM last_two WHERE age = 1)) change
JOIN quantities q ON q.quantity = change.quantity AND q.headline
WHERE length(change.period) = 4 AND change.later_p50 <> change.earlier_p50
ORDER BY abs(change.change_of_median) DESC, change.quantity, change.period;
