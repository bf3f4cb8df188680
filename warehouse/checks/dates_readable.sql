-- check: Every source, product and assumption has a date from which it counts as known
-- severity: error
-- scope: evidence
-- remedy: give the date as YYYY-MM-DD, YYYY-MM or YYYY
SELECT 'sources' AS table_name, source_id AS name, published_on AS printed FROM sources_current WHERE effective_published_on IS NULL
UNION ALL
SELECT 'products', vendor || ' ' || product, announced_on FROM products_current WHERE effective_announced_on IS NULL
UNION ALL
SELECT 'assumptions', assumption, known_since FROM assumptions_current WHERE effective_known_since IS NULL;
