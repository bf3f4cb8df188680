-- Which companies are exposed to the demand for which item in 2026, and to what interval?
SELECT company_en, item, p50, p05, p95, measure, system, domestic_share_p50, trust,
    string_agg(DISTINCT product, '; ' ORDER BY product) AS products, country, string_agg(DISTINCT status, '; ' ORDER BY status) AS status
FROM supply_chain_exposure
WHERE period = '2026' AND measure IN ('usd', 'quantity')
GROUP BY ALL ORDER BY company_en, system, item, measure;
