-- What analysts read of the systems around the chain, of the run served.

CREATE VIEW latest_system_forecast AS
SELECT s.* REPLACE (r.run_id AS run_id, r.as_of AS as_of) FROM recent_system_forecast s JOIN served_rows r ON r.table_name = 'system_forecast' AND r.rows_of = s.run_id;
COMMENT ON VIEW latest_system_forecast IS 'All systems of the run served; read every interval with n_figures and trust';

CREATE VIEW latest_system_lineage AS
SELECT l.* REPLACE (r.run_id AS run_id) FROM recent_system_lineage l JOIN served_rows r ON r.table_name = 'system_lineage' AND r.rows_of = l.run_id;
COMMENT ON VIEW latest_system_lineage IS 'What each number of the systems of the run served rests on';

CREATE VIEW assumed AS
SELECT a.assumption, a.p05, a.p95, a.unit, a.basis, a.source, a.known_since, a.effective_known_since, a.description FROM assumptions_current a
UNION ALL
-- Rows of a catalogue that are assumptions themselves, under the name the lineage gives them.
SELECT 'server_content.' || c.server || '.' || c.component, c.p05, c.p95, c.unit, c.basis, c.source, c.known_since, c.effective_known_since, c.note
FROM server_content_current c;
COMMENT ON VIEW assumed IS 'Everything that is assumed, by the name it has in system_lineage: assumptions, and rows of catalogues that are assumptions themselves';

CREATE VIEW supply_chain_exposure AS
WITH companies AS (
    SELECT c.* EXCLUDE (as_of, version, withdrawn, ingested_at, ingest_run_id, content_hash), c.as_of AS status_as_of, r.run_id,
        -- A company that serves no item forecast still stands here, once, without numbers.
        unnest(string_split(coalesce(c.system_item, ''), ';')) AS served
    FROM supply_chain_current c JOIN latest_run r ON coalesce(c.effective_known_since, r.as_of) <= r.as_of
), published AS (
    -- A bound ("90 % or more") has only one end: the other is the whole market, or nothing.
    SELECT f.entity, f.segment, f.period AS share_period, f.publisher AS share_publisher, f.url AS share_url, f.effective_published_on,
        coalesce(f.low, f.value, 0) AS share_low, coalesce(f.high, f.value, 1) AS share_high,
        coalesce(f.value, (coalesce(f.low, 0) + coalesce(f.high, 1)) / 2) AS share
    FROM figures_current f JOIN latest_run r ON f.effective_published_on <= r.as_of
    WHERE f.metric = 'vendor_market_share' AND f.unit = 'fraction' AND f.kind <> 'forecast' AND coalesce(f.not_used_reason, '') = ''
), demand AS (
    SELECT s.system, s.item, s.measure, s.part, s.period, s.unit, s.p05, s.p50, s.p95, s.n_figures, s.trust
    FROM latest_system_forecast s WHERE s.period_kind = 'year' AND s.part = 'total'
    UNION ALL
    SELECT 'chain', f.quantity, 'quantity', 'total', f.period, f.unit, f.p05, f.p50, f.p95, NULL, NULL
    FROM latest_forecast f WHERE f.period_kind = 'year'
)
SELECT
    c.company_en, c.company, c.country, c.segment, c.process_step, c.product, c.status, c.status_as_of,
    d.system, d.item, d.measure, d.period, d.unit, d.p05, d.p50, d.p95, d.n_figures, d.trust,
    b.p05 AS domestic_share_p05, b.p50 AS domestic_share_p50, b.p95 AS domestic_share_p95,
    u.p05 AS domestic_usd_p05, u.p50 AS domestic_usd_p50, u.p95 AS domestic_usd_p95,
    p.share AS published_share, p.share_low AS published_share_low, p.share_high AS published_share_high, p.segment AS published_share_of,
    p.share_period AS published_share_period, p.share_publisher AS published_share_publisher, p.share_url AS published_share_url,
    -- A maker of HBM is itself what is forecast; of others the market is, and what was published says which part is theirs, for a while.
    CASE WHEN d.unit = 'USD' AND d.measure IN ('usd', 'quantity') THEN d.p05 * CASE WHEN d.system = 'supplier' THEN 1 WHEN d.period::INTEGER - left(p.share_period, 4)::INTEGER BETWEEN 0 AND 2 THEN p.share_low END END AS company_usd_p05,
    CASE WHEN d.unit = 'USD' AND d.measure IN ('usd', 'quantity') THEN d.p50 * CASE WHEN d.system = 'supplier' THEN 1 WHEN d.period::INTEGER - left(p.share_period, 4)::INTEGER BETWEEN 0 AND 2 THEN p.share END END AS company_usd_p50,
    CASE WHEN d.unit = 'USD' AND d.measure IN ('usd', 'quantity') THEN d.p95 * CASE WHEN d.system = 'supplier' THEN 1 WHEN d.period::INTEGER - left(p.share_period, 4)::INTEGER BETWEEN 0 AND 2 THEN p.share_high END END AS company_usd_p95,
    c.source_id, c.run_id
FROM companies c
LEFT JOIN demand d ON d.system = trim(split_part(c.served, '/', 1)) AND d.item = trim(split_part(c.served, '/', 2))
LEFT JOIN latest_system_forecast b
    ON b.system = 'substitution' AND b.measure = 'share' AND b.part = 'total' AND c.country = 'China' AND b.item = c.segment AND b.period = d.period
LEFT JOIN latest_system_forecast u
    ON u.system = 'substitution' AND u.measure = 'usd' AND u.part = 'domestic' AND c.country = 'China' AND u.item = c.segment || '.' || d.item
    AND u.period = d.period AND d.unit = 'USD'
LEFT JOIN (
    SELECT i.system, i.item, i.company_en, p.* FROM published p
    JOIN (SELECT DISTINCT d.system, d.item, c.company_en FROM companies c JOIN demand d ON d.system = trim(split_part(c.served, '/', 1)) AND d.item = trim(split_part(c.served, '/', 2))) i
        ON i.company_en = p.entity AND p.segment = i.item
    QUALIFY row_number() OVER (PARTITION BY i.system, i.item, i.company_en ORDER BY p.effective_published_on DESC, p.share_low DESC) = 1
) p ON p.system = d.system AND p.item = d.item AND p.company_en = c.company_en;
COMMENT ON VIEW supply_chain_exposure IS 'Which company is exposed to which interval: a row per company, product, item it serves, measure and year. The interval is the world''s demand for the item, not the company''s sales; Chinese companies have the domestic share of their segment beside it, and where the demand is in USD what goes to Chinese suppliers: demand x China''s part of it x that share, draw by draw. Where the company''s own share of the item was published, company_usd_p05 to company_usd_p95 are the demand times that share, in the year it was published for and the two after: how shares move is forecast of makers of HBM only, for whom they are their own sales';
COMMENT ON COLUMN supply_chain_exposure.published_share IS 'Newest published share of the company in the item''s market, as a fraction, the middle where it is a range or a bound; NULL where none was published';
COMMENT ON COLUMN supply_chain_exposure.published_share_low IS 'Its lower end';
COMMENT ON COLUMN supply_chain_exposure.published_share_high IS 'Its upper end; 1 where only a lower one was published';
COMMENT ON COLUMN supply_chain_exposure.published_share_of IS 'What it is a share of, as the figure says (figures.segment): the item as a whole; a share of a part of it is not taken';
COMMENT ON COLUMN supply_chain_exposure.published_share_period IS 'Period it was published for';
COMMENT ON COLUMN supply_chain_exposure.published_share_publisher IS 'Who published it';
COMMENT ON COLUMN supply_chain_exposure.published_share_url IS 'Where it stands';
COMMENT ON COLUMN supply_chain_exposure.company_usd_p05 IS 'What of the demand is the company''s, in USD: 5 % quantile of the demand times the lower end of its share; NULL where no share was published for the year or one of the two before';
COMMENT ON COLUMN supply_chain_exposure.company_usd_p50 IS 'Median of the demand times the published share';
COMMENT ON COLUMN supply_chain_exposure.company_usd_p95 IS '95 % quantile of the demand times the upper end of its share';
COMMENT ON COLUMN supply_chain_exposure.status IS 'How far the company is with the product: mass_production, shipping, commercial, launched, validation, developed, in_development, construction, not_stated';
COMMENT ON COLUMN supply_chain_exposure.status_as_of IS 'Month or day of that status';
COMMENT ON COLUMN supply_chain_exposure.domestic_share_p05 IS 'Share of what buyers in China spend on the segment that goes to Chinese suppliers, 5 % quantile; NULL for others';
COMMENT ON COLUMN supply_chain_exposure.domestic_share_p50 IS 'Its median';
COMMENT ON COLUMN supply_chain_exposure.domestic_share_p95 IS 'Its 95 % quantile';
COMMENT ON COLUMN supply_chain_exposure.domestic_usd_p05 IS 'What goes to Chinese suppliers, in USD, 5 % quantile; NULL for others';
COMMENT ON COLUMN supply_chain_exposure.domestic_usd_p50 IS 'Its median';
COMMENT ON COLUMN supply_chain_exposure.domestic_usd_p95 IS 'Its 95 % quantile';

CREATE VIEW scenario_forecast AS
SELECT
    t.title, s.scenario, s.quantity, s.period, s.unit, s.base_p05, s.base_p50, s.base_p95, s.scenario_p05, s.scenario_p50, s.scenario_p95,
    s.difference_p05, s.difference_p50, s.difference_p95, s.relative_p05, s.relative_p50, s.relative_p95, s.probability_lower,
    s.period_kind, s.n_draws, r.as_of, r.run_id
FROM recent_scenarios s JOIN served_rows r ON r.table_name = 'scenarios' AND r.rows_of = s.run_id
LEFT JOIN (SELECT scenario, any_value(title) AS title FROM scenario_shocks_current GROUP BY scenario) t ON t.scenario = s.scenario;
COMMENT ON VIEW scenario_forecast IS 'Scenarios of the run served beside the base: quantiles of both, and of their difference draw by draw';

CREATE VIEW sensitivity AS
SELECT s.target, s.period, s.driver, s.share, s.correlation, s.noise_floor, s.log_sd, s.n_features, s.n_draws, r.as_of, r.run_id
FROM recent_sensitivities s JOIN served_rows r ON r.table_name = 'sensitivities' AND r.rows_of = s.run_id;
COMMENT ON VIEW sensitivity IS 'Which driver carries how much of the variance of each target, of the run served';

CREATE VIEW assumptions_learned AS
SELECT l.name, l.kind, l.period, l.sd_ratio, l.shift, l.state, r.as_of, r.run_id
FROM recent_learning l JOIN served_rows r ON r.table_name = 'learning' AND r.rows_of = l.run_id;
COMMENT ON VIEW assumptions_learned IS 'Which assumptions and drivers of the chain the figures have taught, and which are merely assumed, of the run served';

CREATE VIEW power_scaling AS
SELECT p.target, p.period, p.component, p.part, p.sensitivity, p.by_chance, p.notable, p.shift_per_doubling_sd, p.shift_mcse_sd, p.pareto_k, p.n_draws, r.as_of, r.run_id
FROM recent_power_scalings p JOIN served_rows r ON r.table_name = 'power_scalings' AND r.rows_of = p.run_id;
COMMENT ON VIEW power_scaling IS 'How far the headline moves when parts of the prior or the likelihood are made stronger or weaker, of the run served';

CREATE VIEW report_replica AS
SELECT p.item, p.period, p.status, p.stated_low, p.stated_high, p.derived_low, p.derived_high,
    p.derived_low / coalesce(p.stated_high, p.stated_low) - 1 AS difference_low, p.derived_high / p.stated_low - 1 AS difference_high, p.unit,
    p.quantity, f.p05, f.p50, f.p95,
    f.p50 / coalesce(p.stated_low + coalesce(p.stated_high, p.stated_low), p.derived_low + p.derived_high) * 2 AS ours_over_report,
    p.input_figure_ids, p.how, r.as_of, r.run_id
FROM recent_report_points p JOIN served_rows r ON r.table_name = 'report_points' AND r.rows_of = p.run_id
LEFT JOIN latest_forecast f ON f.quantity = p.quantity AND f.period = p.period;
COMMENT ON VIEW report_replica IS 'The broker report of January 2024, item by item and year: what it states, what its own inputs give, the difference (derived over stated, less one; the report''s "above" counts as the bound), and beside it the median and 90 % interval of the run served for the same quantity; ours_over_report is that median over the middle of what the report states, else of what its inputs give';
COMMENT ON COLUMN report_replica.difference_low IS 'Lower end derived over lower end stated, less one';
COMMENT ON COLUMN report_replica.difference_high IS 'Upper end derived over lower end stated, less one';
COMMENT ON COLUMN report_replica.ours_over_report IS 'Median of the run served over the middle of what the report states, else of what its inputs give';

CREATE VIEW report_conclusion AS
SELECT c.run_id = l.run_id AS served, c.as_of, c.hindsight, c.period, c.threshold_usd, c.probability, c.mcse, c.n_draws, c.run_id
FROM report_conclusions c
JOIN runs r ON r.run_id = c.run_id
CROSS JOIN latest_run l
WHERE r.status = 'published' AND (c.run_id = l.run_id OR NOT c.hindsight)
-- Of several runs for a day of the report's time the newest.
QUALIFY c.run_id = l.run_id OR row_number() OVER (PARTITION BY c.as_of ORDER BY r.run_number DESC) = 1
UNION ALL
-- The first vintage of the backtest that knew the report.
SELECT false, s.as_of, false, c.period, c.threshold_usd, s.value, NULL, NULL, s.run_id
FROM scores s
JOIN latest_backtest b ON b.run_id = s.run_id
JOIN report_conclusions c ON c.period = s.period
JOIN latest_run l ON l.run_id = c.run_id
WHERE s.quantity = 'hbm_revenue_usd' AND s.metric = 'probability_above' AND s.opponent = 'report January 2024'
QUALIFY s.as_of = min(s.as_of) OVER ();
COMMENT ON VIEW report_conclusion IS 'Probability that HBM revenue of 2024 exceeds 10 bn USD, the conclusion of the broker report of January 2024: under the run served, and under the report''s own time (hindsight false): the first vintage of hbmcast backtest that knew the report, and published runs of hbmcast nightly --as-of 2024-01-31';
COMMENT ON COLUMN report_conclusion.served IS 'True for the run served';

CREATE VIEW report_audit AS
SELECT f.finding_id, f.topic_group, f."check", f.statement, c.recomputed_low IS NOT NULL AS recomputed, c.stands,
    CASE WHEN c.stands IS NULL THEN 'not computed in this run' WHEN NOT c.stands THEN 'falls' WHEN f."check" = 'reading' THEN 'found by reading' ELSE 'stands' END AS outcome,
    c.stated_low, c.stated_high, c.recomputed_low, c.recomputed_high, f.unit, f.formula, f.input_figure_ids, f.stated_figure_ids, f.other_figure_ids, f.note
FROM report_findings_current f
LEFT JOIN (SELECT p.* FROM recent_report_recomputed p JOIN served_rows r ON r.table_name = 'report_recomputed' AND r.rows_of = p.run_id) c ON c.finding_id = f.finding_id;
COMMENT ON VIEW report_audit IS 'Findings on the broker report of January 2024: which of them the run served computed again from the figures, and whether they still stand';
COMMENT ON COLUMN report_audit.recomputed IS 'Whether the run served computed it again';
COMMENT ON COLUMN report_audit.outcome IS 'stands, falls, found by reading, or not computed in this run';
