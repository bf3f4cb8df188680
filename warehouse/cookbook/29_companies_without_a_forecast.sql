-- Which companies make something that nobody here forecasts?
SELECT DISTINCT company_en, country, segment, process_step, product FROM supply_chain_exposure WHERE period IS NULL ORDER BY ALL;
