-- Rows of the catalogues that an item is computed from, in force for the run served, with the assumptions that each row names.
SELECT 'process.csv' AS file, step AS name, 'passes of each ' || touches || ' on a ' || equipment || coalesce(', on route ' || nullif(route, ''), '') AS what,
    passes_p05 AS p05, passes_p95 AS p95, basis, source, note,
    ['equipment.throughput.' || equipment, 'equipment.uptime', 'equipment.price.' || equipment] AS assumptions
FROM process_in_force WHERE $system = 'equipment' AND $item IN (category, 'all_categories') OR $system = 'substitution' AND $item = 'equipment.' || category
UNION ALL
SELECT 'materials.csv', concat_ws(' ', material, part, nullif(form, '')), 'on each ' || touches || coalesce(', on route ' || nullif(route, ''), ''), NULL, NULL,
    basis, source, note, ['materials.intensity.' || intensity, 'materials.price.' || price]
FROM materials_in_force WHERE $system = 'materials' AND $item IN (material, 'all_materials') OR $system = 'substitution' AND $item = 'material.' || material
UNION ALL
SELECT 'suppliers.csv', supplier, 'times the bits of the reference supplier at the end of 2022, before any figure', bits_ratio_p05, bits_ratio_p95,
    basis, source, note, []
FROM suppliers_in_force WHERE $system = 'supplier' AND supplier = $item
UNION ALL
SELECT 'cowos_variants.csv', class, 'of its wafers are ' || $item, share, share, basis, source, note, []
FROM (SELECT *, CASE $item WHEN 'cowos_s' THEN cowos_s WHEN 'cowos_r' THEN cowos_r WHEN 'cowos_l' THEN cowos_l END AS share FROM cowos_variants_in_force) split
WHERE $system = 'cowos_variant' AND share > 0
UNION ALL
SELECT 'scenarios.csv', driver, CASE operation WHEN 'multiply' THEN 'times the forecast' ELSE 'quarters later than the forecast' END
        || ', from ' || from_quarter || ' to ' || to_quarter || ', in full after ' || ramp_quarters::INTEGER || CASE ramp_quarters WHEN 1 THEN ' quarter' ELSE ' quarters' END,
    p05, p95, basis, source, description, []
FROM scenario_shocks_current WHERE $system = 'scenario' AND scenario = $item
ORDER BY ALL;
