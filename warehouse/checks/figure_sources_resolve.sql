-- check: Every figure and product has its source
-- severity: error
-- scope: evidence
-- remedy: add the publication to sources.csv
SELECT 'figures' AS table_name, f.figure_id AS name, f.source_id FROM figures_current f WHERE f.publisher IS NULL
UNION ALL
SELECT 'products', p.vendor || ' ' || p.product, p.source_id
FROM products_current p ANTI JOIN sources_current s USING (source_id) WHERE p.source_id IS NOT NULL;
