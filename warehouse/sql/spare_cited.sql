-- A source stays while a figure or a product in force stands in it.
DELETE FROM missing
WHERE source_id IN (
    SELECT source_id FROM (FROM figures QUALIFY row_number() OVER (PARTITION BY figure_id ORDER BY version DESC) = 1)
    WHERE NOT withdrawn
    UNION ALL
    SELECT source_id
    FROM (FROM products QUALIFY row_number() OVER (PARTITION BY vendor, product, announced_on ORDER BY version DESC) = 1)
    WHERE NOT withdrawn AND source_id IS NOT NULL
);
