-- What analysts read of the systems around the chain, of the run served.

CREATE VIEW latest_system_forecast AS
SELECT s.* FROM system_forecast s JOIN latest_run r ON r.run_id = s.run_id;
COMMENT ON VIEW latest_system_forecast IS 'All systems of the run served; read every interval with n_figures and trust';

CREATE VIEW assumed AS
SELECT a.assumption, a.p05, a.p95, a.unit, a.basis, a.source, a.known_since, a.effective_known_since, a.description FROM assumptions_current a
UNION ALL
-- Rows of a catalogue that are assumptions themselves, under the name the lineage gives them.
SELECT 'server_content.' || c.server || '.' || c.component, c.p05, c.p95, c.unit, c.basis, c.source, c.known_since, c.effective_known_since, c.note
FROM server_content_current c;
COMMENT ON VIEW assumed IS 'Everything that is assumed, by the name it has in system_lineage: assumptions, and rows of catalogues that are assumptions themselves';

CREATE VIEW equipment_forecast AS
SELECT s.item, s.measure, s.part, s.period, s.unit, s.p05, s.p10, s.p25, s.p50, s.p75, s.p90, s.p95, s.mean, s.n_figures, s.trust, s.period_kind, s.n_draws, s.as_of, s.run_id
FROM latest_system_forecast s WHERE s.system = 'equipment';
COMMENT ON VIEW equipment_forecast IS 'Equipment demand: item is the category, measure tools or usd, part total, hbm, cowos, new_capacity, replacement, bottom_up or top_down; a row per period (2024 or 2024Q3)';

CREATE VIEW materials_forecast AS
SELECT s.item, s.measure, s.part, s.period, s.unit, s.p05, s.p10, s.p25, s.p50, s.p75, s.p90, s.p95, s.mean, s.n_figures, s.trust, s.period_kind, s.n_draws, s.as_of, s.run_id
FROM latest_system_forecast s WHERE s.system = 'materials';
COMMENT ON VIEW materials_forecast IS 'Materials demand: item is the material; a row per measure, part and period (2024 or 2024Q3)';

CREATE VIEW packaging_forecast AS
SELECT s.item, s.measure, s.part, s.period, s.unit, s.p05, s.p10, s.p25, s.p50, s.p75, s.p90, s.p95, s.mean, s.n_figures, s.trust, s.period_kind, s.n_draws, s.as_of, s.run_id
FROM latest_system_forecast s WHERE s.system = 'packaging';
COMMENT ON VIEW packaging_forecast IS 'Packaging market: revenue of HBM and silicon-interposer packaging; a row per measure, part and period (2024 or 2024Q3)';

CREATE VIEW server_content_forecast AS
SELECT s.item, s.measure, s.part, s.period, s.unit, s.p05, s.p10, s.p25, s.p50, s.p75, s.p90, s.p95, s.mean, s.n_figures, s.trust, s.period_kind, s.n_draws, s.as_of, s.run_id
FROM latest_system_forecast s WHERE s.system = 'server_content';
COMMENT ON VIEW server_content_forecast IS 'Memory of a server in GB and USD (DRAM, NAND, HBM), multiples between kinds of servers, shares of the bill of materials; a row per period (2024 or 2024Q3)';

CREATE VIEW supplier_forecast AS
SELECT s.item, s.measure, s.part, s.period, s.unit, s.p05, s.p10, s.p25, s.p50, s.p75, s.p90, s.p95, s.mean, s.n_figures, s.trust, s.period_kind, s.n_draws, s.as_of, s.run_id
FROM latest_system_forecast s WHERE s.system = 'supplier';
COMMENT ON VIEW supplier_forecast IS 'HBM makers: shares of bits and revenue, TSV capacity; they sum to the industry in every draw; a row per period (2024 or 2024Q3)';

CREATE VIEW roadmap_forecast AS
SELECT s.item, s.measure, s.part, s.period, s.unit, s.p05, s.p10, s.p25, s.p50, s.p75, s.p90, s.p95, s.mean, s.n_figures, s.trust, s.period_kind, s.n_draws, s.as_of, s.run_id
FROM latest_system_forecast s WHERE s.system = 'roadmap';
COMMENT ON VIEW roadmap_forecast IS 'Product roadmap: generations, stack heights, density and GB per stack; a row per period (2024 or 2024Q3)';

CREATE VIEW cowos_variant_forecast AS
SELECT s.item, s.measure, s.part, s.period, s.unit, s.p05, s.p10, s.p25, s.p50, s.p75, s.p90, s.p95, s.mean, s.n_figures, s.trust, s.period_kind, s.n_draws, s.as_of, s.run_id
FROM latest_system_forecast s WHERE s.system = 'cowos_variant';
COMMENT ON VIEW cowos_variant_forecast IS 'CoWoS-S, -R and -L: shares, interposer size, packages per wafer; a row per period (2024 or 2024Q3)';

CREATE VIEW substitution_forecast AS
SELECT s.item, s.measure, s.part, s.period, s.unit, s.p05, s.p10, s.p25, s.p50, s.p75, s.p90, s.p95, s.mean, s.n_figures, s.trust, s.period_kind, s.n_draws, s.as_of, s.run_id
FROM latest_system_forecast s WHERE s.system = 'substitution';
COMMENT ON VIEW substitution_forecast IS 'Share of what buyers in China spend on a segment that goes to Chinese suppliers; item is the segment; a row per period (2024 or 2024Q3)';

CREATE VIEW supply_chain_exposure AS
WITH companies AS (
    SELECT c.* EXCLUDE (as_of, version, withdrawn, ingested_at, ingest_run_id, content_hash), c.as_of AS status_as_of, r.run_id,
        -- A company that serves no item forecast still stands here, once, without numbers.
        unnest(string_split(coalesce(c.system_item, ''), ';')) AS served
    FROM supply_chain_current c JOIN latest_run r ON coalesce(c.effective_known_since, r.as_of) <= r.as_of
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
    b.p05 AS domestic_share_p05, b.p50 AS domestic_share_p50, b.p95 AS domestic_share_p95, c.source_id, c.run_id
FROM companies c
LEFT JOIN demand d ON d.system = trim(split_part(c.served, '/', 1)) AND d.item = trim(split_part(c.served, '/', 2))
LEFT JOIN latest_system_forecast b
    ON b.system = 'substitution' AND b.measure = 'share' AND b.part = 'total' AND c.country = 'China' AND b.item = c.segment AND b.period = d.period;
COMMENT ON VIEW supply_chain_exposure IS 'Which company is exposed to which interval: a row per company, product, item it serves, measure and year. The interval is the world''s demand for the item, not the company''s sales; Chinese companies have the domestic share of their segment beside it';

CREATE VIEW scenario_forecast AS
SELECT
    t.title, s.scenario, s.quantity, s.period, s.unit, s.base_p05, s.base_p50, s.base_p95, s.scenario_p05, s.scenario_p50, s.scenario_p95,
    s.difference_p05, s.difference_p50, s.difference_p95, s.relative_p05, s.relative_p50, s.relative_p95, s.probability_lower,
    s.period_kind, s.n_draws, s.as_of, s.run_id
FROM scenarios s
JOIN latest_run r ON r.run_id = s.run_id
LEFT JOIN (SELECT scenario, any_value(title) AS title FROM scenario_shocks_current GROUP BY scenario) t ON t.scenario = s.scenario;
COMMENT ON VIEW scenario_forecast IS 'Scenarios of the run served beside the base: quantiles of both, and of their difference draw by draw';

CREATE VIEW sensitivity AS
SELECT s.target, s.period, s.driver, s.share, s.correlation, s.noise_floor, s.log_sd, s.n_features, s.n_draws, s.as_of, s.run_id
FROM sensitivities s JOIN latest_run r ON r.run_id = s.run_id;
COMMENT ON VIEW sensitivity IS 'Which driver carries how much of the variance of each target, of the run served';

CREATE VIEW assumptions_learned AS
SELECT l.name, l.kind, l.period, l.sd_ratio, l.shift, l.state, l.as_of, l.run_id
FROM learning l JOIN latest_run r ON r.run_id = l.run_id;
COMMENT ON VIEW assumptions_learned IS 'Which assumptions and drivers of the chain the figures have taught, and which are merely assumed, of the run served';

CREATE VIEW power_scaling AS
SELECT p.target, p.period, p.component, p.part, p.sensitivity, p.by_chance, p.notable, p.shift_per_doubling_sd, p.shift_mcse_sd, p.pareto_k, p.n_draws, p.as_of, p.run_id
FROM power_scalings p JOIN latest_run r ON r.run_id = p.run_id;
COMMENT ON VIEW power_scaling IS 'How far the headline moves when parts of the prior or the likelihood are made stronger or weaker, of the run served';
