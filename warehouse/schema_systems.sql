-- Tables of the systems around the chain: their evidence, and what runs make of it. Conventions as in schema.sql; the comments
-- on the five columns of every table of evidence come from sql/catalogue_view.sql.

CREATE TABLE system_evidence (
    metric VARCHAR NOT NULL, entity VARCHAR, segment VARCHAR, system VARCHAR NOT NULL, item VARCHAR NOT NULL, measure VARCHAR NOT NULL,
    relation VARCHAR, share_p05 DOUBLE, share_p95 DOUBLE, basis VARCHAR, note VARCHAR,
    version INTEGER NOT NULL, withdrawn BOOLEAN NOT NULL, ingested_at TIMESTAMP NOT NULL, ingest_run_id VARCHAR NOT NULL, content_hash VARCHAR NOT NULL
);
COMMENT ON TABLE system_evidence IS 'Which published metric says what about which item of a system, and what part of the figure is the item (above one where a vendor is part of the item''s market), all versions';
COMMENT ON COLUMN system_evidence.metric IS 'Metric of the figures (metrics.metric)';
COMMENT ON COLUMN system_evidence.entity IS 'Company or market the figures are about; * for any';
COMMENT ON COLUMN system_evidence.segment IS 'Segment; * for any';
COMMENT ON COLUMN system_evidence.system IS 'System they inform (system_forecast.system)';
COMMENT ON COLUMN system_evidence.item IS 'Item (system_forecast.item)';
COMMENT ON COLUMN system_evidence.measure IS 'Measure (system_forecast.measure)';
COMMENT ON COLUMN system_evidence.relation IS 'observes (the item itself), upper_bound (a market that contains it) or vendor_share (one vendor''s part)';
COMMENT ON COLUMN system_evidence.share_p05 IS '5 % quantile of item over figure: the HBM and CoWoS part of a vendor''s revenue over its share of the item, say; may lie above one';
COMMENT ON COLUMN system_evidence.share_p95 IS '95 % quantile of that ratio';
COMMENT ON COLUMN system_evidence.basis IS 'published, derived or judgement';
COMMENT ON COLUMN system_evidence.note IS 'Remark';

CREATE TABLE suppliers (
    supplier VARCHAR NOT NULL, figure_entity VARCHAR, bits_ratio_p05 DOUBLE, bits_ratio_p95 DOUBLE, basis VARCHAR, source VARCHAR,
    known_since VARCHAR NOT NULL, note VARCHAR,
    version INTEGER NOT NULL, withdrawn BOOLEAN NOT NULL, ingested_at TIMESTAMP NOT NULL, ingest_run_id VARCHAR NOT NULL, content_hash VARCHAR NOT NULL
);
COMMENT ON TABLE suppliers IS 'Makers of HBM and what was known of their size before any share was published, all versions';
COMMENT ON COLUMN suppliers.supplier IS 'Name of the supplier in system_forecast.item';
COMMENT ON COLUMN suppliers.figure_entity IS 'Name of the supplier in figures.entity';
COMMENT ON COLUMN suppliers.bits_ratio_p05 IS '5 % quantile of its bits per bit of the reference supplier at the end of 2022';
COMMENT ON COLUMN suppliers.bits_ratio_p95 IS '95 % quantile of that ratio';
COMMENT ON COLUMN suppliers.basis IS 'published, derived or judgement';
COMMENT ON COLUMN suppliers.source IS 'Where the numbers come from';
COMMENT ON COLUMN suppliers.known_since IS 'Day, month or year from which it could be known';
COMMENT ON COLUMN suppliers.note IS 'Remark';

CREATE TABLE supply_chain (
    company_en VARCHAR NOT NULL, company VARCHAR, country VARCHAR, segment VARCHAR, process_step VARCHAR NOT NULL, product VARCHAR, status VARCHAR,
    as_of VARCHAR, system_item VARCHAR, known_since VARCHAR NOT NULL, source_id VARCHAR, note VARCHAR,
    version INTEGER NOT NULL, withdrawn BOOLEAN NOT NULL, ingested_at TIMESTAMP NOT NULL, ingest_run_id VARCHAR NOT NULL, content_hash VARCHAR NOT NULL
);
COMMENT ON TABLE supply_chain IS 'Companies, what they make, how far it is, and the items whose demand it serves, all versions';
COMMENT ON COLUMN supply_chain.company_en IS 'Company';
COMMENT ON COLUMN supply_chain.company IS 'Its name in its own language';
COMMENT ON COLUMN supply_chain.country IS 'Country of its headquarters';
COMMENT ON COLUMN supply_chain.segment IS 'equipment, material, packaging, chips or distribution';
COMMENT ON COLUMN supply_chain.process_step IS 'Step of the process it serves';
COMMENT ON COLUMN supply_chain.product IS 'What it makes';
COMMENT ON COLUMN supply_chain.status IS 'How far it is: mass_production, shipping, commercial, launched, validation, developed, in_development, construction, not_stated';
COMMENT ON COLUMN supply_chain.as_of IS 'Month or year for which the status was stated';
COMMENT ON COLUMN supply_chain.system_item IS 'Items whose demand it serves: system/item, or chain/quantity, several with a semicolon between; NULL where none is forecast';
COMMENT ON COLUMN supply_chain.known_since IS 'Day, month or year from which the row could be known';
COMMENT ON COLUMN supply_chain.source_id IS 'Publication (sources.source_id)';
COMMENT ON COLUMN supply_chain.note IS 'Remark';

CREATE TABLE scenario_shocks (
    scenario VARCHAR NOT NULL, title VARCHAR, driver VARCHAR NOT NULL, from_quarter VARCHAR NOT NULL, to_quarter VARCHAR, operation VARCHAR NOT NULL,
    p05 DOUBLE, p95 DOUBLE, ramp_quarters DOUBLE, basis VARCHAR, source VARCHAR, description VARCHAR,
    version INTEGER NOT NULL, withdrawn BOOLEAN NOT NULL, ingested_at TIMESTAMP NOT NULL, ingest_run_id VARCHAR NOT NULL, content_hash VARCHAR NOT NULL
);
COMMENT ON TABLE scenario_shocks IS 'Scenarios as shocks to drivers over quarters (data/scenarios.csv; what came of them is in the table scenarios), all versions';
COMMENT ON COLUMN scenario_shocks.scenario IS 'Name of the scenario';
COMMENT ON COLUMN scenario_shocks.title IS 'Its title';
COMMENT ON COLUMN scenario_shocks.driver IS 'Driver that is shocked: an input of the chain, product_mix, class_weight.<class> or substitution.<segment>';
COMMENT ON COLUMN scenario_shocks.from_quarter IS 'First quarter of the shock: 2026Q4, or counted from the run''s as-of day: as_of+0 is what remains of its quarter, as_of+1 the next';
COMMENT ON COLUMN scenario_shocks.to_quarter IS 'Last quarter of the shock, written alike: as_of+3 ends a year after the as-of day''s quarter began';
COMMENT ON COLUMN scenario_shocks.operation IS 'multiply (by a factor) or add_quarters_delay';
COMMENT ON COLUMN scenario_shocks.p05 IS '5 % quantile of the factor, or of the delay in quarters';
COMMENT ON COLUMN scenario_shocks.p95 IS '95 % quantile of the factor, or of the delay in quarters';
COMMENT ON COLUMN scenario_shocks.ramp_quarters IS 'Quarters until the shock has its whole size';
COMMENT ON COLUMN scenario_shocks.basis IS 'published, derived or judgement';
COMMENT ON COLUMN scenario_shocks.source IS 'Where the numbers come from';
COMMENT ON COLUMN scenario_shocks.description IS 'What it means';

CREATE TABLE cowos_variants (
    class VARCHAR NOT NULL, cowos_s DOUBLE, cowos_r DOUBLE, cowos_l DOUBLE, basis VARCHAR, source VARCHAR, known_since VARCHAR NOT NULL, note VARCHAR,
    version INTEGER NOT NULL, withdrawn BOOLEAN NOT NULL, ingested_at TIMESTAMP NOT NULL, ingest_run_id VARCHAR NOT NULL, content_hash VARCHAR NOT NULL
);
COMMENT ON TABLE cowos_variants IS 'Usual CoWoS variant of each class of accelerators, all versions';
COMMENT ON COLUMN cowos_variants.class IS 'Product class of the accelerator mix';
COMMENT ON COLUMN cowos_variants.cowos_s IS 'Share of CoWoS-S in its wafers';
COMMENT ON COLUMN cowos_variants.cowos_r IS 'Share of CoWoS-R';
COMMENT ON COLUMN cowos_variants.cowos_l IS 'Share of CoWoS-L';
COMMENT ON COLUMN cowos_variants.basis IS 'published, derived or judgement';
COMMENT ON COLUMN cowos_variants.source IS 'Where the numbers come from';
COMMENT ON COLUMN cowos_variants.known_since IS 'Day, month or year from which it could be known';
COMMENT ON COLUMN cowos_variants.note IS 'Remark';

CREATE TABLE report_findings (
    finding_id VARCHAR NOT NULL, topic_group VARCHAR, "check" VARCHAR, statement VARCHAR, formula VARCHAR, input_figure_ids VARCHAR,
    stated_formula VARCHAR, stated_figure_ids VARCHAR, other_figure_ids VARCHAR, stated_low DOUBLE, stated_high DOUBLE, recomputed_low DOUBLE,
    recomputed_high DOUBLE, unit VARCHAR, note VARCHAR,
    version INTEGER NOT NULL, withdrawn BOOLEAN NOT NULL, ingested_at TIMESTAMP NOT NULL, ingest_run_id VARCHAR NOT NULL, content_hash VARCHAR NOT NULL
);
COMMENT ON TABLE report_findings IS 'What does not add up in the broker report of January 2024, each recomputed from its own figures by a test, all versions';
COMMENT ON COLUMN report_findings.finding_id IS 'Name of the finding';
COMMENT ON COLUMN report_findings.topic_group IS 'A arithmetic does not close, B two figures for one thing, C labels and bases, D text damage and slips';
COMMENT ON COLUMN report_findings."check" IS 'How it is recomputed';
COMMENT ON COLUMN report_findings.statement IS 'What the report says and what is wrong with it';
COMMENT ON COLUMN report_findings.formula IS 'Formula over the input figures';
COMMENT ON COLUMN report_findings.input_figure_ids IS 'Figures it is recomputed from (figures.figure_id), separated by semicolons';
COMMENT ON COLUMN report_findings.stated_formula IS 'Formula of the stated side, where it is not one figure';
COMMENT ON COLUMN report_findings.stated_figure_ids IS 'Figures that state it';
COMMENT ON COLUMN report_findings.other_figure_ids IS 'Other figures it is about';
COMMENT ON COLUMN report_findings.stated_low IS 'Lower end of what is stated, in unit';
COMMENT ON COLUMN report_findings.stated_high IS 'Upper end of what is stated, in unit';
COMMENT ON COLUMN report_findings.recomputed_low IS 'Lower end of what the inputs give, in unit';
COMMENT ON COLUMN report_findings.recomputed_high IS 'Upper end of what the inputs give, in unit';
COMMENT ON COLUMN report_findings.unit IS 'Unit of the four numbers';
COMMENT ON COLUMN report_findings.note IS 'Remark';

CREATE TABLE process (
    step VARCHAR NOT NULL, part VARCHAR, category VARCHAR, touches VARCHAR, route VARCHAR, passes_p05 DOUBLE, passes_p95 DOUBLE, equipment VARCHAR,
    material VARCHAR, cost_share_of_via_middle_tsv DOUBLE, known_since VARCHAR NOT NULL, basis VARCHAR, source VARCHAR, note VARCHAR,
    version INTEGER NOT NULL, withdrawn BOOLEAN NOT NULL, ingested_at TIMESTAMP NOT NULL, ingest_run_id VARCHAR NOT NULL, content_hash VARCHAR NOT NULL
);
COMMENT ON TABLE process IS 'Steps from wafer to package: what each touches, how often, on which equipment, all versions';
COMMENT ON COLUMN process.step IS 'Name of the step';
COMMENT ON COLUMN process.part IS 'hbm or cowos';
COMMENT ON COLUMN process.category IS 'Equipment category (system_forecast.item of equipment)';
COMMENT ON COLUMN process.touches IS 'Unit it works on: hbm_wafer, hbm_die, hbm_stack, cowos_wafer, cowos_chip, cowos_package';
COMMENT ON COLUMN process.route IS 'Bonding route it belongs to; NULL where every route has it';
COMMENT ON COLUMN process.passes_p05 IS '5 % quantile of how often a unit passes it';
COMMENT ON COLUMN process.passes_p95 IS '95 % quantile of that';
COMMENT ON COLUMN process.equipment IS 'Tool it runs on (assumptions equipment.<tool>.*)';
COMMENT ON COLUMN process.material IS 'Material it consumes';
COMMENT ON COLUMN process.cost_share_of_via_middle_tsv IS 'Its share of the cost of a via-middle TSV, where stated';
COMMENT ON COLUMN process.known_since IS 'Day, month or year from which it could be known';
COMMENT ON COLUMN process.basis IS 'published, derived or judgement';
COMMENT ON COLUMN process.source IS 'Where the numbers come from';
COMMENT ON COLUMN process.note IS 'Remark';

CREATE TABLE materials (
    material VARCHAR NOT NULL, part VARCHAR NOT NULL, form VARCHAR, touches VARCHAR, route VARCHAR, intensity VARCHAR, price VARCHAR,
    known_since VARCHAR NOT NULL, basis VARCHAR, source VARCHAR, note VARCHAR,
    version INTEGER NOT NULL, withdrawn BOOLEAN NOT NULL, ingested_at TIMESTAMP NOT NULL, ingest_run_id VARCHAR NOT NULL, content_hash VARCHAR NOT NULL
);
COMMENT ON TABLE materials IS 'Materials of HBM and CoWoS: what each is used on, how much of it, at what price, all versions';
COMMENT ON COLUMN materials.material IS 'Material (system_forecast.item of materials)';
COMMENT ON COLUMN materials.part IS 'hbm or cowos';
COMMENT ON COLUMN materials.form IS 'Form of the material, where there are several';
COMMENT ON COLUMN materials.touches IS 'Unit it is used on';
COMMENT ON COLUMN materials.route IS 'Bonding route that uses it; NULL where every route does';
COMMENT ON COLUMN materials.intensity IS 'Assumption on the amount per unit: materials.intensity.<name>';
COMMENT ON COLUMN materials.price IS 'Assumption on the price: materials.price.<name>';
COMMENT ON COLUMN materials.known_since IS 'Day, month or year from which it could be known';
COMMENT ON COLUMN materials.basis IS 'published, derived or judgement';
COMMENT ON COLUMN materials.source IS 'Where the numbers come from';
COMMENT ON COLUMN materials.note IS 'Remark';

CREATE TABLE server_content (
    server VARCHAR NOT NULL, component VARCHAR NOT NULL, p05 DOUBLE, p95 DOUBLE, unit VARCHAR, growth_per_year_p05 DOUBLE, growth_per_year_p95 DOUBLE,
    figure_ids VARCHAR, basis VARCHAR, source VARCHAR, known_since VARCHAR NOT NULL, note VARCHAR,
    version INTEGER NOT NULL, withdrawn BOOLEAN NOT NULL, ingested_at TIMESTAMP NOT NULL, ingest_run_id VARCHAR NOT NULL, content_hash VARCHAR NOT NULL
);
COMMENT ON TABLE server_content IS 'Memory and other parts of a server of each kind, and how they grow, all versions';
COMMENT ON COLUMN server_content.server IS 'Kind of server: ordinary, high_performance, ai_training';
COMMENT ON COLUMN server_content.component IS 'Part of it: dram, nand, hbm, cpu, gpu, server (the whole), ...';
COMMENT ON COLUMN server_content.p05 IS '5 % quantile, in unit; NULL where the chain gives it';
COMMENT ON COLUMN server_content.p95 IS '95 % quantile, in unit';
COMMENT ON COLUMN server_content.unit IS 'GB or USD; chain where the chain gives it';
COMMENT ON COLUMN server_content.growth_per_year_p05 IS '5 % quantile of its growth a year';
COMMENT ON COLUMN server_content.growth_per_year_p95 IS '95 % quantile of its growth a year';
COMMENT ON COLUMN server_content.figure_ids IS 'Figures it rests on (figures.figure_id), separated by semicolons';
COMMENT ON COLUMN server_content.basis IS 'published, derived or judgement';
COMMENT ON COLUMN server_content.source IS 'Where the numbers come from';
COMMENT ON COLUMN server_content.known_since IS 'Day, month or year from which it could be known';
COMMENT ON COLUMN server_content.note IS 'Remark';

CREATE TABLE system_forecast (
    run_id VARCHAR NOT NULL, as_of DATE NOT NULL, system VARCHAR NOT NULL, item VARCHAR NOT NULL, measure VARCHAR NOT NULL, part VARCHAR NOT NULL,
    period VARCHAR NOT NULL, period_kind VARCHAR NOT NULL, unit VARCHAR NOT NULL,
    p05 DOUBLE, p10 DOUBLE, p25 DOUBLE, p50 DOUBLE, p75 DOUBLE, p90 DOUBLE, p95 DOUBLE, mean DOUBLE, mcse_p05 DOUBLE, mcse_p95 DOUBLE,
    n_draws BIGINT, n_figures INTEGER, trust VARCHAR
);
COMMENT ON TABLE system_forecast IS 'Forecasts of the systems around the chain (equipment, materials, packaging, server content, suppliers, roadmap, CoWoS variants, substitution) of all published runs';
COMMENT ON COLUMN system_forecast.run_id IS 'Run (runs.run_id)';
COMMENT ON COLUMN system_forecast.as_of IS 'Only what was published by this day was used';
COMMENT ON COLUMN system_forecast.system IS 'equipment, materials, packaging, server_content, supplier, roadmap, cowos_variant or substitution';
COMMENT ON COLUMN system_forecast.item IS 'What it is about: an equipment category, a material, a supplier, a generation';
COMMENT ON COLUMN system_forecast.measure IS 'What is measured: usd, tools, gb, share, wafers_per_month, ratio, ...';
COMMENT ON COLUMN system_forecast.part IS 'total, or the part of it: hbm, cowos, new_capacity, replacement, bottom_up, top_down, ...';
COMMENT ON COLUMN system_forecast.period IS 'Quarter 2024Q3 or year 2024';
COMMENT ON COLUMN system_forecast.period_kind IS 'quarter or year';
COMMENT ON COLUMN system_forecast.unit IS 'Unit of the quantiles and the mean';
COMMENT ON COLUMN system_forecast.p05 IS '5 % quantile';
COMMENT ON COLUMN system_forecast.p10 IS '10 % quantile';
COMMENT ON COLUMN system_forecast.p25 IS '25 % quantile';
COMMENT ON COLUMN system_forecast.p50 IS 'Median';
COMMENT ON COLUMN system_forecast.p75 IS '75 % quantile';
COMMENT ON COLUMN system_forecast.p90 IS '90 % quantile';
COMMENT ON COLUMN system_forecast.p95 IS '95 % quantile';
COMMENT ON COLUMN system_forecast.mean IS 'Mean';
COMMENT ON COLUMN system_forecast.mcse_p05 IS 'Monte Carlo standard error of p05, in unit; NULL with too few draws to tell';
COMMENT ON COLUMN system_forecast.mcse_p95 IS 'Monte Carlo standard error of p95, in unit; NULL with too few draws to tell';
COMMENT ON COLUMN system_forecast.n_draws IS 'Number of draws the row rests on';
COMMENT ON COLUMN system_forecast.n_figures IS 'Published figures that inform the item, besides those that inform the chain under it';
COMMENT ON COLUMN system_forecast.trust IS 'measured, few figures, or assumed: read it with every interval';

CREATE TABLE system_lineage (
    run_id VARCHAR NOT NULL, system VARCHAR NOT NULL, item VARCHAR NOT NULL, measure VARCHAR NOT NULL, input_kind VARCHAR NOT NULL, input_name VARCHAR NOT NULL
);
COMMENT ON TABLE system_lineage IS 'What each number of system_forecast rests on; hbmcast explain follows it to the figures and their URLs';
COMMENT ON COLUMN system_lineage.run_id IS 'Run (runs.run_id)';
COMMENT ON COLUMN system_lineage.system IS 'System (system_forecast.system)';
COMMENT ON COLUMN system_lineage.item IS 'Item (system_forecast.item)';
COMMENT ON COLUMN system_lineage.measure IS 'Measure (system_forecast.measure)';
COMMENT ON COLUMN system_lineage.input_kind IS 'quantity (of the chain), assumption, or figure';
COMMENT ON COLUMN system_lineage.input_name IS 'Its name: quantities.quantity, assumptions.assumption or figures.figure_id';

CREATE TABLE scenarios (
    run_id VARCHAR NOT NULL, as_of DATE NOT NULL, scenario VARCHAR NOT NULL, quantity VARCHAR NOT NULL, period VARCHAR NOT NULL, period_kind VARCHAR NOT NULL,
    unit VARCHAR, base_p05 DOUBLE, base_p50 DOUBLE, base_p95 DOUBLE, scenario_p05 DOUBLE, scenario_p50 DOUBLE, scenario_p95 DOUBLE,
    difference_p05 DOUBLE, difference_p50 DOUBLE, difference_p95 DOUBLE, relative_p05 DOUBLE, relative_p50 DOUBLE, relative_p95 DOUBLE,
    probability_lower DOUBLE, n_draws BIGINT
);
COMMENT ON TABLE scenarios IS 'What each scenario does to a quantity, compared with the base draw by draw, of all published runs. A scenario is a statement about drivers, with no probability of its own; drivers it does not name stay as they are';
COMMENT ON COLUMN scenarios.run_id IS 'Run (runs.run_id)';
COMMENT ON COLUMN scenarios.as_of IS 'Only what was published by this day was used';
COMMENT ON COLUMN scenarios.scenario IS 'Name of the scenario (scenario_shocks.scenario)';
COMMENT ON COLUMN scenarios.quantity IS 'Quantity (quantities.quantity), or system/item/measure/part of system_forecast';
COMMENT ON COLUMN scenarios.period IS 'Quarter 2024Q3 or year 2024';
COMMENT ON COLUMN scenarios.period_kind IS 'quarter or year';
COMMENT ON COLUMN scenarios.unit IS 'Unit of base, scenario and difference';
COMMENT ON COLUMN scenarios.base_p05 IS '5 % quantile without the shocks, over the draws compared';
COMMENT ON COLUMN scenarios.base_p50 IS 'Median without the shocks, over the draws compared';
COMMENT ON COLUMN scenarios.base_p95 IS '95 % quantile without the shocks, over the draws compared';
COMMENT ON COLUMN scenarios.scenario_p05 IS '5 % quantile with the shocks';
COMMENT ON COLUMN scenarios.scenario_p50 IS 'Median with the shocks';
COMMENT ON COLUMN scenarios.scenario_p95 IS '95 % quantile with the shocks';
COMMENT ON COLUMN scenarios.difference_p05 IS '5 % quantile of the difference of the same draw, scenario less base';
COMMENT ON COLUMN scenarios.difference_p50 IS 'Median of the difference of the same draw';
COMMENT ON COLUMN scenarios.difference_p95 IS '95 % quantile of the difference of the same draw';
COMMENT ON COLUMN scenarios.relative_p05 IS '5 % quantile of the relative difference of the same draw: -0.2 is a fifth less';
COMMENT ON COLUMN scenarios.relative_p50 IS 'Median of the relative difference of the same draw';
COMMENT ON COLUMN scenarios.relative_p95 IS '95 % quantile of the relative difference of the same draw';
COMMENT ON COLUMN scenarios.probability_lower IS 'Share of draws in which the scenario lies below the base';
COMMENT ON COLUMN scenarios.n_draws IS 'Number of pairs of draws';

CREATE TABLE sensitivities (
    run_id VARCHAR NOT NULL, as_of DATE NOT NULL, target VARCHAR NOT NULL, period VARCHAR NOT NULL, driver VARCHAR NOT NULL, share DOUBLE,
    correlation DOUBLE, noise_floor DOUBLE, log_sd DOUBLE, n_features INTEGER, n_draws BIGINT
);
COMMENT ON TABLE sensitivities IS 'Which driver carries how much of the variance of a target, of all published runs: Shapley shares of R squared of the log target on the drivers of its year, over the joint draws. It says what varies, not what a shock would change (that is a scenario)';
COMMENT ON COLUMN sensitivities.run_id IS 'Run (runs.run_id)';
COMMENT ON COLUMN sensitivities.as_of IS 'Only what was published by this day was used';
COMMENT ON COLUMN sensitivities.target IS 'Quantity (quantities.quantity), or system/item/measure of system_forecast';
COMMENT ON COLUMN sensitivities.period IS 'Year';
COMMENT ON COLUMN sensitivities.driver IS 'Driver of the chain; rest: what no driver carries linearly (bends, quarters within the year, what a system draws afresh, as the price of a tool)';
COMMENT ON COLUMN sensitivities.share IS 'Share of the variance of the log target; the shares of a target and year add up to one';
COMMENT ON COLUMN sensitivities.correlation IS 'Correlation of the log target with the log of the driver over the year; NULL for the rest';
COMMENT ON COLUMN sensitivities.noise_floor IS 'Share that a driver without any say would get by chance';
COMMENT ON COLUMN sensitivities.log_sd IS 'Standard deviation of the log target';
COMMENT ON COLUMN sensitivities.n_features IS 'Number of numbers that describe the driver in the regression';
COMMENT ON COLUMN sensitivities.n_draws IS 'Number of draws it rests on';

CREATE TABLE learning (
    run_id VARCHAR NOT NULL, as_of DATE NOT NULL, name VARCHAR NOT NULL, kind VARCHAR NOT NULL, period VARCHAR, sd_ratio DOUBLE, shift DOUBLE, state VARCHAR
);
COMMENT ON TABLE learning IS 'Prior against posterior of every assumption and driver of the chain, of all published runs: what the figures have taught, and what is merely assumed';
COMMENT ON COLUMN learning.run_id IS 'Run (runs.run_id)';
COMMENT ON COLUMN learning.as_of IS 'Only what was published by this day was used';
COMMENT ON COLUMN learning.name IS 'Assumption (assumptions.assumption), with its element in brackets where it serves several; or driver';
COMMENT ON COLUMN learning.kind IS 'assumption or driver';
COMMENT ON COLUMN learning.period IS 'Year of a driver; NULL for an assumption';
COMMENT ON COLUMN learning.sd_ratio IS 'Standard deviation of the posterior over that of the prior';
COMMENT ON COLUMN learning.shift IS 'Mean of the posterior less that of the prior, in prior standard deviations';
COMMENT ON COLUMN learning.state IS 'learned, partly learned, or assumed';

CREATE TABLE power_scalings (
    run_id VARCHAR NOT NULL, as_of DATE NOT NULL, target VARCHAR NOT NULL, period VARCHAR NOT NULL, component VARCHAR NOT NULL, part VARCHAR NOT NULL,
    sensitivity DOUBLE, by_chance DOUBLE, notable BOOLEAN, shift_per_doubling_sd DOUBLE, shift_mcse_sd DOUBLE, pareto_k DOUBLE, n_draws BIGINT
);
COMMENT ON TABLE power_scalings IS 'How far a target moves when a part of the prior or of the likelihood is made stronger or weaker, of all published runs; computed by importance weights, so it is local';
COMMENT ON COLUMN power_scalings.run_id IS 'Run (runs.run_id)';
COMMENT ON COLUMN power_scalings.as_of IS 'Only what was published by this day was used';
COMMENT ON COLUMN power_scalings.target IS 'Quantity (quantities.quantity)';
COMMENT ON COLUMN power_scalings.period IS 'Year';
COMMENT ON COLUMN power_scalings.component IS 'prior or likelihood';
COMMENT ON COLUMN power_scalings.part IS 'Kind of assumption, topic of figures, or all';
COMMENT ON COLUMN power_scalings.sensitivity IS 'Distance the distribution moves per doubling of the power';
COMMENT ON COLUMN power_scalings.by_chance IS 'The same with weights that have no tie to the target';
COMMENT ON COLUMN power_scalings.notable IS 'True when it is influential and clearly above chance';
COMMENT ON COLUMN power_scalings.shift_per_doubling_sd IS 'Change of the mean log target per doubling of the power, in posterior standard deviations';
COMMENT ON COLUMN power_scalings.shift_mcse_sd IS 'Its Monte Carlo standard error';
COMMENT ON COLUMN power_scalings.pareto_k IS 'Reliability of the weights: above 0.7 they can''t be trusted';
COMMENT ON COLUMN power_scalings.n_draws IS 'Number of draws it rests on';

CREATE TABLE report_points (
    run_id VARCHAR NOT NULL, as_of DATE NOT NULL, item VARCHAR NOT NULL, period VARCHAR NOT NULL, status VARCHAR NOT NULL,
    stated_low DOUBLE, stated_high DOUBLE, derived_low DOUBLE, derived_high DOUBLE, unit VARCHAR, quantity VARCHAR, input_figure_ids VARCHAR, how VARCHAR
);
COMMENT ON TABLE report_points IS 'The point calculation of the broker report of January 2024 rebuilt from its stated inputs (models/systems/report_2024/tables.py), of all published runs: servers x share x accelerators x GB x price, 2022 to 2025';
COMMENT ON COLUMN report_points.run_id IS 'Run (runs.run_id)';
COMMENT ON COLUMN report_points.as_of IS 'Only what was published by this day was used';
COMMENT ON COLUMN report_points.item IS 'Step of the calculation, from servers to hbm_revenue_usd';
COMMENT ON COLUMN report_points.period IS 'Year';
COMMENT ON COLUMN report_points.status IS 'stated by the report; derived from what it states; missing where an input is neither, so that the derived range takes it as in the year before';
COMMENT ON COLUMN report_points.stated_low IS 'Lower end of what the report states, in unit; NULL where it states nothing';
COMMENT ON COLUMN report_points.stated_high IS 'Upper end of what the report states, in unit; NULL where it states nothing, or says above';
COMMENT ON COLUMN report_points.derived_low IS 'Lower end of what its inputs give, in unit; NULL where it states the input itself';
COMMENT ON COLUMN report_points.derived_high IS 'Upper end of what its inputs give, in unit; NULL where it states the input itself';
COMMENT ON COLUMN report_points.unit IS 'Unit of the four numbers';
COMMENT ON COLUMN report_points.quantity IS 'Quantity of the chain with the same meaning (quantities.quantity)';
COMMENT ON COLUMN report_points.input_figure_ids IS 'Figures of the report that go in (figures.figure_id), separated by semicolons';
COMMENT ON COLUMN report_points.how IS 'How it is stated or derived';

CREATE TABLE report_conclusions (
    run_id VARCHAR NOT NULL, as_of DATE NOT NULL, period VARCHAR NOT NULL, threshold_usd DOUBLE, probability DOUBLE, mcse DOUBLE, n_draws BIGINT, hindsight BOOLEAN
);
COMMENT ON TABLE report_conclusions IS 'The conclusion of the broker report of January 2024, HBM revenue of 2024 above 10 bn USD, as a probability over the joint draws, of all published runs';
COMMENT ON COLUMN report_conclusions.run_id IS 'Run (runs.run_id)';
COMMENT ON COLUMN report_conclusions.as_of IS 'Only what was published by this day was used';
COMMENT ON COLUMN report_conclusions.period IS 'Year of the conclusion';
COMMENT ON COLUMN report_conclusions.threshold_usd IS 'HBM revenue that the report says will be exceeded, USD';
COMMENT ON COLUMN report_conclusions.probability IS 'Share of draws above it';
COMMENT ON COLUMN report_conclusions.mcse IS 'Monte Carlo standard error of the probability, as of independent draws';
COMMENT ON COLUMN report_conclusions.n_draws IS 'Number of draws it rests on';
COMMENT ON COLUMN report_conclusions.hindsight IS 'True when the run knows more than the report of January 2024 did: what became of 2024, mostly';

CREATE TABLE report_recomputed (
    run_id VARCHAR NOT NULL, as_of DATE NOT NULL, finding_id VARCHAR NOT NULL, stated_low DOUBLE, stated_high DOUBLE, recomputed_low DOUBLE,
    recomputed_high DOUBLE, stands BOOLEAN
);
COMMENT ON TABLE report_recomputed IS 'Findings on the broker report of January 2024 computed again from the figures in force, of all published runs; what a finding says of its own numbers is not looked at';
COMMENT ON COLUMN report_recomputed.run_id IS 'Run (runs.run_id)';
COMMENT ON COLUMN report_recomputed.as_of IS 'Only what was published by this day was used';
COMMENT ON COLUMN report_recomputed.finding_id IS 'Finding (report_findings.finding_id)';
COMMENT ON COLUMN report_recomputed.stated_low IS 'Lower end of what is stated, in the unit of the finding';
COMMENT ON COLUMN report_recomputed.stated_high IS 'Upper end of what is stated';
COMMENT ON COLUMN report_recomputed.recomputed_low IS 'Lower end of what the inputs give; NULL where the finding is one of reading';
COMMENT ON COLUMN report_recomputed.recomputed_high IS 'Upper end of what the inputs give';
COMMENT ON COLUMN report_recomputed.stands IS 'Whether the finding still stands on the figures in force';
