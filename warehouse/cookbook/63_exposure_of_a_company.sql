-- What of the demand for bonders and HBM is each company's own in 2026, in million USD, where its share was published or is forecast?
SELECT company_en, system, item, company_usd_p05 / 1e6 AS million_usd_p05, company_usd_p50 / 1e6 AS million_usd_p50, company_usd_p95 / 1e6 AS million_usd_p95,
    published_share_low, published_share_high, published_share_of, published_share_period, published_share_publisher, published_share_url
FROM supply_chain_exposure
WHERE period = '2026' AND company_usd_p50 IS NOT NULL
GROUP BY ALL ORDER BY million_usd_p50 DESC, company_en, item;
