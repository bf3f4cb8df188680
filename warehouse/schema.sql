-- Tables of the warehouse: long, explicit, append-only. COMMENT ON is the one data dictionary.
-- No primary keys or indexes: uniqueness is proved by the checks, and a file without indexes survives a kill better.
-- Times are UTC. Every table of evidence carries: version, withdrawn, ingested_at, ingest_run_id, content_hash.

CREATE TABLE sources (
    source_id VARCHAR NOT NULL, publisher VARCHAR, relayed_by VARCHAR, title VARCHAR, url VARCHAR,
    published_on VARCHAR, published_precision VARCHAR, accessed_on VARCHAR, licence_note VARCHAR,
    version INTEGER NOT NULL, withdrawn BOOLEAN NOT NULL, ingested_at TIMESTAMP NOT NULL, ingest_run_id VARCHAR NOT NULL, content_hash VARCHAR NOT NULL
);
COMMENT ON TABLE sources IS 'Publications that figures come from, all versions; sources_current has the latest';
COMMENT ON COLUMN sources.source_id IS 'Stable name of the publication';
COMMENT ON COLUMN sources.publisher IS 'Who made the statement';
COMMENT ON COLUMN sources.relayed_by IS 'Who passed it on, when the original was not read; NULL when it was';
COMMENT ON COLUMN sources.title IS 'Title of the publication';
COMMENT ON COLUMN sources.url IS 'Where it stands';
COMMENT ON COLUMN sources.published_on IS 'Date as printed: YYYY-MM-DD, YYYY-MM or YYYY';
COMMENT ON COLUMN sources.published_precision IS 'How exact that date is: day, month or year';
COMMENT ON COLUMN sources.accessed_on IS 'Day or month in which it was read';
COMMENT ON COLUMN sources.licence_note IS 'What may be done with its content';

CREATE TABLE figures (
    figure_id VARCHAR NOT NULL, source_id VARCHAR NOT NULL, origin_id VARCHAR, metric VARCHAR NOT NULL, entity VARCHAR, segment VARCHAR,
    period VARCHAR NOT NULL, fiscal_year_end_month INTEGER, value DOUBLE, low DOUBLE, high DOUBLE, unit VARCHAR, kind VARCHAR,
    definition VARCHAR, not_used_reason VARCHAR, note VARCHAR,
    version INTEGER NOT NULL, withdrawn BOOLEAN NOT NULL, ingested_at TIMESTAMP NOT NULL, ingest_run_id VARCHAR NOT NULL, content_hash VARCHAR NOT NULL
);
COMMENT ON TABLE figures IS 'Published figures as printed, all versions; figures_current has the latest with its source';
COMMENT ON COLUMN figures.figure_id IS 'Stable name of the figure';
COMMENT ON COLUMN figures.source_id IS 'Publication it stands in (sources.source_id)';
COMMENT ON COLUMN figures.origin_id IS 'figure_id of the first appearance of the same statement; itself when it is the first';
COMMENT ON COLUMN figures.metric IS 'What it measures (metrics.metric)';
COMMENT ON COLUMN figures.entity IS 'Company, region or market it is about';
COMMENT ON COLUMN figures.segment IS 'Part of the entity it is about';
COMMENT ON COLUMN figures.period IS 'Period as printed: 2024, 2024Q3, 2024H1, 2024-12, FY2024, FY2025Q2';
COMMENT ON COLUMN figures.fiscal_year_end_month IS 'Month (1 to 12) in which the fiscal year ends; only for FY periods';
COMMENT ON COLUMN figures.value IS 'Published number in unit; NULL when only a bound or a range was published';
COMMENT ON COLUMN figures.low IS 'Lower end of a published range, or "over": in unit';
COMMENT ON COLUMN figures.high IS 'Upper end of a published range, or "up to": in unit';
COMMENT ON COLUMN figures.unit IS 'Unit of value, low and high';
COMMENT ON COLUMN figures.kind IS 'actual, estimate, forecast, guidance, spec or assumption';
COMMENT ON COLUMN figures.definition IS 'Name of the definition offset that applies, where it differs from the metric''s own';
COMMENT ON COLUMN figures.not_used_reason IS 'Why this figure must not be used; NULL when it may';
COMMENT ON COLUMN figures.note IS 'Remark of the reader';

CREATE TABLE rejected_figures (
    file VARCHAR NOT NULL, row_number INTEGER, figure_id VARCHAR, field VARCHAR, value VARCHAR,
    reason VARCHAR NOT NULL, remedy VARCHAR, content VARCHAR,
    version INTEGER NOT NULL, withdrawn BOOLEAN NOT NULL, ingested_at TIMESTAMP NOT NULL, ingest_run_id VARCHAR NOT NULL, content_hash VARCHAR NOT NULL
);
COMMENT ON TABLE rejected_figures IS 'Rows of the evidence files that could not be taken in, with the reason: nothing is dropped silently';
COMMENT ON COLUMN rejected_figures.file IS 'File the row stands in, relative to the evidence folder';
COMMENT ON COLUMN rejected_figures.row_number IS 'Line of the row in the file; NULL when the whole file was refused';
COMMENT ON COLUMN rejected_figures.figure_id IS 'Name of the figure, when it could be read';
COMMENT ON COLUMN rejected_figures.field IS 'Column at fault';
COMMENT ON COLUMN rejected_figures.value IS 'Value found there';
COMMENT ON COLUMN rejected_figures.reason IS 'What is wrong with it';
COMMENT ON COLUMN rejected_figures.remedy IS 'How to mend it';
COMMENT ON COLUMN rejected_figures.content IS 'The whole row as it was read';

CREATE TABLE metrics (
    metric VARCHAR NOT NULL, entity VARCHAR, segment VARCHAR, unit VARCHAR, quantity VARCHAR, per_quantity VARCHAR, aggregation VARCHAR,
    scale VARCHAR, lower DOUBLE, upper DOUBLE, definition VARCHAR, description VARCHAR,
    version INTEGER NOT NULL, withdrawn BOOLEAN NOT NULL, ingested_at TIMESTAMP NOT NULL, ingest_run_id VARCHAR NOT NULL, content_hash VARCHAR NOT NULL
);
COMMENT ON TABLE metrics IS 'Vocabulary of metrics and the rule that maps each to a quantity, all versions; the most specific match of metric, entity, segment and unit wins';
COMMENT ON COLUMN metrics.metric IS 'Name of the metric';
COMMENT ON COLUMN metrics.entity IS 'Entity the rule holds for; * for any';
COMMENT ON COLUMN metrics.segment IS 'Segment the rule holds for; * for any';
COMMENT ON COLUMN metrics.unit IS 'Unit its figures are given in';
COMMENT ON COLUMN metrics.quantity IS 'Quantity it informs (quantities.quantity); NULL when nothing in the chain yet';
COMMENT ON COLUMN metrics.per_quantity IS 'Denominator, for ratios of two quantities';
COMMENT ON COLUMN metrics.aggregation IS 'sum, end, mean, growth or sequential_growth over the period';
COMMENT ON COLUMN metrics.scale IS 'Scale of the likelihood: log or logit';
COMMENT ON COLUMN metrics.lower IS 'Smallest plausible value in unit';
COMMENT ON COLUMN metrics.upper IS 'Largest plausible value in unit';
COMMENT ON COLUMN metrics.definition IS 'Name of the definition offset of this metric; NULL for none';
COMMENT ON COLUMN metrics.description IS 'What the metric means';

CREATE TABLE products (
    vendor VARCHAR NOT NULL, product VARCHAR NOT NULL, class VARCHAR, announced_on VARCHAR, launch_quarter VARCHAR, hbm_gb DOUBLE, hbm_stacks DOUBLE,
    hbm_generation VARCHAR, stack_height INTEGER, interposer_area_mm2 DOUBLE, packages_per_cowos_wafer DOUBLE, source_id VARCHAR, note VARCHAR,
    version INTEGER NOT NULL, withdrawn BOOLEAN NOT NULL, ingested_at TIMESTAMP NOT NULL, ingest_run_id VARCHAR NOT NULL, content_hash VARCHAR NOT NULL
);
COMMENT ON TABLE products IS 'Accelerator catalogue, all versions; a product announced again with other data has a row per announcement';
COMMENT ON COLUMN products.vendor IS 'Maker of the accelerator';
COMMENT ON COLUMN products.product IS 'Name of the product';
COMMENT ON COLUMN products.class IS 'Product class of the accelerator mix';
COMMENT ON COLUMN products.announced_on IS 'Day, month or year from which the product was known';
COMMENT ON COLUMN products.launch_quarter IS 'First quarter of volume shipments, YYYYQn';
COMMENT ON COLUMN products.hbm_gb IS 'HBM per accelerator package, GB';
COMMENT ON COLUMN products.hbm_stacks IS 'HBM stacks per accelerator package';
COMMENT ON COLUMN products.hbm_generation IS 'hbm2e, hbm3, hbm3e or hbm4';
COMMENT ON COLUMN products.stack_height IS 'Dies per stack';
COMMENT ON COLUMN products.interposer_area_mm2 IS 'Area of the interposer, square millimetres';
COMMENT ON COLUMN products.packages_per_cowos_wafer IS 'Packages from one 300 mm interposer wafer, where published';
COMMENT ON COLUMN products.source_id IS 'Publication the data come from (sources.source_id)';
COMMENT ON COLUMN products.note IS 'Remark';

CREATE TABLE assumptions (
    assumption VARCHAR NOT NULL, p05 DOUBLE, p95 DOUBLE, shape VARCHAR, unit VARCHAR, basis VARCHAR, source VARCHAR, known_since VARCHAR, description VARCHAR,
    version INTEGER NOT NULL, withdrawn BOOLEAN NOT NULL, ingested_at TIMESTAMP NOT NULL, ingest_run_id VARCHAR NOT NULL, content_hash VARCHAR NOT NULL
);
COMMENT ON TABLE assumptions IS 'Priors and assumed ranges, all versions';
COMMENT ON COLUMN assumptions.assumption IS 'Name of the assumption';
COMMENT ON COLUMN assumptions.p05 IS '5 % quantile, in unit';
COMMENT ON COLUMN assumptions.p95 IS '95 % quantile, in unit';
COMMENT ON COLUMN assumptions.shape IS 'normal, lognormal or logitnormal';
COMMENT ON COLUMN assumptions.unit IS 'Unit of p05 and p95';
COMMENT ON COLUMN assumptions.basis IS 'published, derived or judgement';
COMMENT ON COLUMN assumptions.source IS 'Where the range comes from';
COMMENT ON COLUMN assumptions.known_since IS 'Day, month or year from which it could be known';
COMMENT ON COLUMN assumptions.description IS 'What it means and why the range is what it is';

CREATE TABLE corrections (
    figure_id VARCHAR NOT NULL, field VARCHAR NOT NULL, expected_wrong_value VARCHAR, corrected_value VARCHAR, reason VARCHAR, source_id VARCHAR,
    version INTEGER NOT NULL, withdrawn BOOLEAN NOT NULL, ingested_at TIMESTAMP NOT NULL, ingest_run_id VARCHAR NOT NULL, content_hash VARCHAR NOT NULL
);
COMMENT ON TABLE corrections IS 'Corrections of misread or misprinted figures, applied only where the wrong value is still found, all versions';
COMMENT ON COLUMN corrections.figure_id IS 'Figure that is corrected';
COMMENT ON COLUMN corrections.field IS 'Column that is corrected';
COMMENT ON COLUMN corrections.expected_wrong_value IS 'Value that must stand there for the correction to apply';
COMMENT ON COLUMN corrections.corrected_value IS 'Value put in its place';
COMMENT ON COLUMN corrections.reason IS 'Why';
COMMENT ON COLUMN corrections.source_id IS 'Publication that shows it';

CREATE TABLE exchange_rates (
    currency VARCHAR NOT NULL, year INTEGER NOT NULL, usd_per_unit DOUBLE, source VARCHAR, note VARCHAR,
    version INTEGER NOT NULL, withdrawn BOOLEAN NOT NULL, ingested_at TIMESTAMP NOT NULL, ingest_run_id VARCHAR NOT NULL, content_hash VARCHAR NOT NULL
);
COMMENT ON TABLE exchange_rates IS 'Yearly average exchange rates, all versions';
COMMENT ON COLUMN exchange_rates.currency IS 'ISO code of the currency';
COMMENT ON COLUMN exchange_rates.year IS 'Calendar year';
COMMENT ON COLUMN exchange_rates.usd_per_unit IS 'US dollars for one unit of the currency, yearly average';
COMMENT ON COLUMN exchange_rates.source IS 'Where the rate comes from';
COMMENT ON COLUMN exchange_rates.note IS 'Remark';

-- The five columns that every table of evidence shares.
COMMENT ON COLUMN sources.version IS 'Version of the row, 1 for the first; a changed value makes a new one';
COMMENT ON COLUMN sources.withdrawn IS 'True when the row has been taken out of the evidence files with this version';
COMMENT ON COLUMN sources.ingested_at IS 'When this version was taken in, UTC';
COMMENT ON COLUMN sources.ingest_run_id IS 'Run that took this version in';
COMMENT ON COLUMN sources.content_hash IS 'MD5 of the content of the row, without these five columns';
COMMENT ON COLUMN figures.version IS 'Version of the row, 1 for the first; a changed value makes a new one';
COMMENT ON COLUMN figures.withdrawn IS 'True when the row has been taken out of the evidence files with this version';
COMMENT ON COLUMN figures.ingested_at IS 'When this version was taken in, UTC';
COMMENT ON COLUMN figures.ingest_run_id IS 'Run that took this version in';
COMMENT ON COLUMN figures.content_hash IS 'MD5 of the content of the row, without these five columns';
COMMENT ON COLUMN rejected_figures.version IS 'Version of the row, 1 for the first; a changed value makes a new one';
COMMENT ON COLUMN rejected_figures.withdrawn IS 'True when the row has been taken out of the evidence files with this version';
COMMENT ON COLUMN rejected_figures.ingested_at IS 'When this version was taken in, UTC';
COMMENT ON COLUMN rejected_figures.ingest_run_id IS 'Run that took this version in';
COMMENT ON COLUMN rejected_figures.content_hash IS 'MD5 of the content of the row, without these five columns';
COMMENT ON COLUMN metrics.version IS 'Version of the row, 1 for the first; a changed value makes a new one';
COMMENT ON COLUMN metrics.withdrawn IS 'True when the row has been taken out of the evidence files with this version';
COMMENT ON COLUMN metrics.ingested_at IS 'When this version was taken in, UTC';
COMMENT ON COLUMN metrics.ingest_run_id IS 'Run that took this version in';
COMMENT ON COLUMN metrics.content_hash IS 'MD5 of the content of the row, without these five columns';
COMMENT ON COLUMN products.version IS 'Version of the row, 1 for the first; a changed value makes a new one';
COMMENT ON COLUMN products.withdrawn IS 'True when the row has been taken out of the evidence files with this version';
COMMENT ON COLUMN products.ingested_at IS 'When this version was taken in, UTC';
COMMENT ON COLUMN products.ingest_run_id IS 'Run that took this version in';
COMMENT ON COLUMN products.content_hash IS 'MD5 of the content of the row, without these five columns';
COMMENT ON COLUMN assumptions.version IS 'Version of the row, 1 for the first; a changed value makes a new one';
COMMENT ON COLUMN assumptions.withdrawn IS 'True when the row has been taken out of the evidence files with this version';
COMMENT ON COLUMN assumptions.ingested_at IS 'When this version was taken in, UTC';
COMMENT ON COLUMN assumptions.ingest_run_id IS 'Run that took this version in';
COMMENT ON COLUMN assumptions.content_hash IS 'MD5 of the content of the row, without these five columns';
COMMENT ON COLUMN corrections.version IS 'Version of the row, 1 for the first; a changed value makes a new one';
COMMENT ON COLUMN corrections.withdrawn IS 'True when the row has been taken out of the evidence files with this version';
COMMENT ON COLUMN corrections.ingested_at IS 'When this version was taken in, UTC';
COMMENT ON COLUMN corrections.ingest_run_id IS 'Run that took this version in';
COMMENT ON COLUMN corrections.content_hash IS 'MD5 of the content of the row, without these five columns';
COMMENT ON COLUMN exchange_rates.version IS 'Version of the row, 1 for the first; a changed value makes a new one';
COMMENT ON COLUMN exchange_rates.withdrawn IS 'True when the row has been taken out of the evidence files with this version';
COMMENT ON COLUMN exchange_rates.ingested_at IS 'When this version was taken in, UTC';
COMMENT ON COLUMN exchange_rates.ingest_run_id IS 'Run that took this version in';
COMMENT ON COLUMN exchange_rates.content_hash IS 'MD5 of the content of the row, without these five columns';
