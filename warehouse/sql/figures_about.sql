-- Figures about the level of a quantity in a period or in the month in which it ends, the newest first.
SELECT f.publisher, f.effective_published_on::VARCHAR AS published_on, f.published_value AS value, f.unit, f.kind, f.pit, f.used, f.figure_id, f.url
FROM latest_figure_fit f
WHERE f.quantity = $quantity AND f.published_value IS NOT NULL
    AND f.period IN ($period, left($period, 4) || CASE right($period, 2) WHEN 'Q1' THEN '-03' WHEN 'Q2' THEN '-06' WHEN 'Q3' THEN '-09' ELSE '-12' END)
ORDER BY f.effective_published_on DESC, f.figure_id;
