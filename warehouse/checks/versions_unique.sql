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
    UNION ALL SELECT 'process', row(step, known_since)::VARCHAR, list(version ORDER BY version) FROM process GROUP BY step, known_since
    UNION ALL SELECT 'materials', row(material, part, form, known_since)::VARCHAR, list(version ORDER BY version) FROM materials GROUP BY material, part, form, known_since
    UNION ALL SELECT 'system_evidence', row(metric, entity, segment, system, item, measure)::VARCHAR, list(version ORDER BY version) FROM system_evidence GROUP BY metric, entity, segment, system, item, measure
    UNION ALL SELECT 'suppliers', row(supplier, known_since)::VARCHAR, list(version ORDER BY version) FROM suppliers GROUP BY supplier, known_since
    UNION ALL SELECT 'server_content', row(server, component, known_since)::VARCHAR, list(version ORDER BY version) FROM server_content GROUP BY server, component, known_since
    UNION ALL SELECT 'cowos_variants', row(class, known_since)::VARCHAR, list(version ORDER BY version) FROM cowos_variants GROUP BY class, known_since
    UNION ALL SELECT 'supply_chain', row(company_en, segment, process_step, product, known_since)::VARCHAR, list(version ORDER BY version) FROM supply_chain GROUP BY company_en, segment, process_step, product, known_since
    UNION ALL SELECT 'scenario_shocks', row(scenario, driver, operation, from_quarter)::VARCHAR, list(version ORDER BY version) FROM scenario_shocks GROUP BY scenario, driver, operation, from_quarter
    UNION ALL SELECT 'report_findings', finding_id, list(version ORDER BY version) FROM report_findings GROUP BY finding_id
) keyed
WHERE versions <> range(1, len(versions) + 1);
