-- Rows of the catalogues that an item is computed from, in force for the run served, with the assumptions that each row names.
WITH steps AS (
    SELECT p.* FROM process_current p JOIN latest_run r ON coalesce(p.effective_known_since, r.as_of) <= r.as_of
    QUALIFY row_number() OVER (PARTITION BY p.step ORDER BY p.effective_known_since DESC) = 1
), used AS (
    SELECT m.* FROM materials_current m JOIN latest_run r ON coalesce(m.effective_known_since, r.as_of) <= r.as_of
    QUALIFY row_number() OVER (PARTITION BY m.material, m.part, m.form, m.touches ORDER BY m.effective_known_since DESC) = 1
), makers AS (
    SELECT s.* FROM suppliers_current s JOIN latest_run r ON coalesce(s.effective_known_since, r.as_of) <= r.as_of
    QUALIFY row_number() OVER (PARTITION BY s.supplier ORDER BY s.effective_known_since DESC) = 1
), classes AS (
    SELECT v.* FROM cowos_variants_current v JOIN latest_run r ON coalesce(v.effective_known_since, r.as_of) <= r.as_of
    QUALIFY row_number() OVER (PARTITION BY v.class ORDER BY v.effective_known_since DESC) = 1
)
SELECT 'process.csv' AS file, step AS name, 'passes of each ' || touches || ' on a ' || equipment || coalesce(', on route ' || nullif(route, ''), '') AS what,
    passes_p05 AS p05, passes_p95 AS p95, basis, source, note,
    ['equipment.throughput.' || equipment, 'equipment.uptime', 'equipment.price.' || equipment] AS assumptions
FROM steps WHERE $system = 'equipment' AND $item IN (category, 'all_categories') OR $system = 'substitution' AND $item = 'equipment.' || category
UNION ALL
SELECT 'materials.csv', concat_ws(' ', material, part, nullif(form, '')), 'on each ' || touches || coalesce(', on route ' || nullif(route, ''), ''), NULL, NULL,
    basis, source, note, ['materials.intensity.' || intensity, 'materials.price.' || price]
FROM used WHERE $system = 'materials' AND $item IN (material, 'all_materials') OR $system = 'substitution' AND $item = 'material.' || material
UNION ALL
SELECT 'suppliers.csv', supplier, 'times the bits of the reference supplier at the end of 2022, before any figure', bits_ratio_p05, bits_ratio_p95,
    basis, source, note, []
FROM makers WHERE $system = 'supplier' AND supplier = $item
UNION ALL
SELECT 'cowos_variants.csv', class, 'of its wafers are ' || $item, share, share, basis, source, note, []
FROM (SELECT *, CASE $item WHEN 'cowos_s' THEN cowos_s WHEN 'cowos_r' THEN cowos_r WHEN 'cowos_l' THEN cowos_l END AS share FROM classes) split
WHERE $system = 'cowos_variant' AND share > 0
UNION ALL
SELECT 'scenarios.csv', driver, CASE operation WHEN 'multiply' THEN 'times the forecast' ELSE 'quarters later than the forecast' END
        || ', from ' || from_quarter || ' to ' || to_quarter || ', in full after ' || ramp_quarters::INTEGER || CASE ramp_quarters WHEN 1 THEN ' quarter' ELSE ' quarters' END,
    p05, p95, basis, source, description, []
FROM scenario_shocks_current WHERE $system = 'scenario' AND scenario = $item
ORDER BY ALL;
