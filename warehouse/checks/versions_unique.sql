-- check: Versions of a row count 1, 2, 3 without gap or double
-- severity: error
-- scope: evidence
-- remedy: a bug in warehouse/ingest.py
SELECT table_name, name, versions
FROM (
    SELECT 'sources' AS table_name, source_id AS name, list(version ORDER BY version) AS versions FROM sources GROUP BY ALL
    UNION ALL SELECT 'figures', figure_id, list(version ORDER BY version) FROM figures GROUP BY ALL
    UNION ALL SELECT 'rejected_figures', row(file, row_number, field, reason)::VARCHAR, list(version ORDER BY version) FROM rejected_figures GROUP BY file, row_number, field, reason
    UNION ALL SELECT 'metrics', row(metric, entity, segment, unit)::VARCHAR, list(version ORDER BY version) FROM metrics GROUP BY metric, entity, segment, unit
    UNION ALL SELECT 'products', row(vendor, product, announced_on)::VARCHAR, list(version ORDER BY version) FROM products GROUP BY vendor, product, announced_on
    UNION ALL SELECT 'assumptions', row(assumption, known_since)::VARCHAR, list(version ORDER BY version) FROM assumptions GROUP BY assumption, known_since
    UNION ALL SELECT 'corrections', row(figure_id, field)::VARCHAR, list(version ORDER BY version) FROM corrections GROUP BY figure_id, field
    UNION ALL SELECT 'exchange_rates', row(currency, year)::VARCHAR, list(version ORDER BY version) FROM exchange_rates GROUP BY currency, year
) keyed
WHERE versions <> range(1, len(versions) + 1);
