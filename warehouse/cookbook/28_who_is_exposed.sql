-- Which companies are exposed to the demand for which item in 2026, and to what interval?
SELECT company_en, item, p50, p05, p95, measure, system, domestic_share_p50, trust, product, country, status
FROM supply_chain_exposure
WHERE period = '2026' AND measure IN ('usd', 'quantity')
ORDER BY company_en, product, system, item, measure;
