-- What analysts read: the run served. Evidence stands in views_evidence.sql.

CREATE VIEW grid AS
SELECT y::VARCHAR AS period, 'year' AS period_kind FROM range(2021, 2028) years(y)
UNION ALL
SELECT y::VARCHAR || 'Q' || q::VARCHAR, 'quarter' FROM range(2021, 2028) years(y), range(1, 5) quarters(q);
COMMENT ON VIEW grid IS 'Periods of the forecast: 28 quarters and 7 years, 2021 to 2027';


-- The served run's rows stand in this file, whatever becomes of the archive; it may share them with an earlier run.
CREATE VIEW served_rows AS
SELECT h.table_name, h.rows_of, h.run_id, h.as_of FROM run_rows h JOIN latest_run l ON l.run_id = h.run_id;
COMMENT ON VIEW served_rows IS 'Under which name the rows of the run served stand, table by table';

CREATE VIEW evidence_age AS
SELECT
    split_part(d.name, 'newest_figure_', 2) AS topic, d.value::INTEGER AS days,
    coalesce(d.value > d.threshold, true) AS is_old, (r.as_of - d.value::INTEGER)::DATE AS newest_figure_on, r.as_of, r.run_id
FROM recent_diagnostics d JOIN served_rows r ON r.table_name = 'diagnostics' AND r.rows_of = d.run_id
WHERE starts_with(d.name, 'newest_figure_')
ORDER BY days DESC NULLS FIRST;
COMMENT ON VIEW evidence_age IS 'How old the evidence of the run served was at its as-of day, a row a topic, the oldest first';
COMMENT ON COLUMN evidence_age.topic IS 'server, ai_server, accelerator, hbm, dram or cowos';
COMMENT ON COLUMN evidence_age.days IS 'Days from the newest figure with weight to the as-of day; NULL where there is none';
COMMENT ON COLUMN evidence_age.is_old IS 'True when that is longer than the gate takes for fresh (diagnostics.threshold), and where there is no figure';
COMMENT ON COLUMN evidence_age.newest_figure_on IS 'Day from which the newest figure was known';
COMMENT ON COLUMN evidence_age.as_of IS 'As-of day of the run served';
COMMENT ON COLUMN evidence_age.run_id IS 'Run served (runs.run_id)';

CREATE MACRO hours_until_stale() AS 36;
COMMENT ON MACRO hours_until_stale IS 'hours_until_stale(): a forecast that was finished longer ago than this is stale: a night and half a day';

CREATE VIEW source_freshness AS
SELECT
    s.door, s.source, s.last_good_at, (epoch(now()) - epoch(s.last_good_at)) / 86400 AS age_days, s.changed_at,
    s.last_failed_at, s.failure,
    coalesce(s.last_failed_at > s.last_good_at, s.last_good_at IS NULL) AS fails, r.run_id
FROM recent_source_ages s JOIN served_rows r ON r.table_name = 'source_ages' AND r.rows_of = s.run_id
ORDER BY age_days DESC NULLS FIRST, s.door, s.source;
COMMENT ON VIEW source_freshness IS 'Sources on the network as of the run served: when each answered last, the oldest first';
COMMENT ON COLUMN source_freshness.door IS 'feed, filings or press';
COMMENT ON COLUMN source_freshness.source IS 'Address without what stands behind a question mark, or path';
COMMENT ON COLUMN source_freshness.last_good_at IS 'When it gave a good answer last (UTC), if only that nothing changed; NULL if it never did';
COMMENT ON COLUMN source_freshness.age_days IS 'Days since then, by the clock of whoever asks; NULL if it never did';
COMMENT ON COLUMN source_freshness.changed_at IS 'When what is read of it came in (UTC); NULL if nothing ever did';
COMMENT ON COLUMN source_freshness.last_failed_at IS 'When it failed last (UTC); NULL if it never did';
COMMENT ON COLUMN source_freshness.failure IS 'What went wrong then';
COMMENT ON COLUMN source_freshness.fails IS 'True when it has not answered well since it failed, or never did';
COMMENT ON COLUMN source_freshness.run_id IS 'Run served (runs.run_id)';

CREATE VIEW freshness AS
SELECT
    served.run_id AS served_run_id, served.as_of AS served_as_of, served.finished_at AS served_finished_at,
    attempt.run_id AS last_attempt_run_id, attempt.status AS last_attempt_status, attempt.reason AS last_attempt_reason,
    attempt.finished_at AS last_attempt_finished_at,
    failed OR overdue AS stale, failed AS last_attempt_failed, overdue, age_hours,
    concat_ws('; ',
        CASE WHEN failed THEN 'the last attempt (' || strftime(attempt.finished_at, '%Y-%m-%d %H:%M') || ' UTC) ' || attempt.status || coalesce(': ' || attempt.reason, '') END,
        CASE WHEN overdue THEN 'published ' || CASE WHEN age_hours < 48 THEN round(age_hours)::BIGINT || ' hours' ELSE (age_hours // 24)::BIGINT || ' days' END
            || ' ago, on ' || served.finished_at::DATE || ', and no night since' END
    ) AS stale_reason,
    (SELECT string_agg(a.topic, ', ' ORDER BY a.days DESC NULLS FIRST) FROM evidence_age a WHERE a.is_old) AS old_topics,
    (SELECT string_agg(a.topic || ' ' || coalesce(a.days::VARCHAR, 'none'), ', ' ORDER BY a.days DESC NULLS FIRST) FROM evidence_age a) AS days_since_newest_figure,
    (SELECT string_agg(s.source || coalesce(' ' || s.age_days::BIGINT || ' days', ' never'), ', ' ORDER BY s.age_days DESC NULLS FIRST) FROM source_freshness s WHERE s.fails) AS failing_sources
FROM (
    -- A rerun of history says nothing about tonight's forecast, whether it failed or not.
    FROM runs r WHERE r.as_of >= coalesce((SELECT l.as_of FROM latest_run l), r.as_of) ORDER BY r.run_number DESC LIMIT 1
) attempt
LEFT JOIN latest_run served ON true
-- epoch, not a cast: that of a time with a zone would need an extension.
CROSS JOIN LATERAL (SELECT served.run_id IS DISTINCT FROM attempt.run_id AS failed, (epoch(now()) - epoch(served.finished_at)) / 3600 AS age_hours) state
CROSS JOIN LATERAL (SELECT coalesce(state.age_hours > hours_until_stale(), false) AS overdue) by_clock;
COMMENT ON VIEW freshness IS 'Which forecast is served, and whether it is stale: by the clock, or since the last attempt for its as_of or a later one failed; and how old its evidence was at its as_of';
COMMENT ON COLUMN freshness.served_run_id IS 'Run served (runs.run_id); NULL before the first that was published';
COMMENT ON COLUMN freshness.served_as_of IS 'Day up to which the run served knows what was published';
COMMENT ON COLUMN freshness.served_finished_at IS 'When it was finished (UTC)';
COMMENT ON COLUMN freshness.last_attempt_run_id IS 'Last run for this as_of or a later one';
COMMENT ON COLUMN freshness.last_attempt_status IS 'published or failed';
COMMENT ON COLUMN freshness.last_attempt_reason IS 'Why it failed; NULL when it did not';
COMMENT ON COLUMN freshness.last_attempt_finished_at IS 'When it was finished (UTC)';
COMMENT ON COLUMN freshness.stale IS 'True when the last attempt is not the run served, or the run served is overdue';
COMMENT ON COLUMN freshness.last_attempt_failed IS 'True when the last attempt is not the run served';
COMMENT ON COLUMN freshness.overdue IS 'True when the run served was finished more than hours_until_stale() ago, by the clock of whoever asks';
COMMENT ON COLUMN freshness.age_hours IS 'Hours since the run served was finished, by the clock of whoever asks';
COMMENT ON COLUMN freshness.stale_reason IS 'Why it is stale, in words; empty when it is not';
COMMENT ON COLUMN freshness.old_topics IS 'Topics with old evidence, the oldest first (evidence_age.is_old); NULL when none is old';
COMMENT ON COLUMN freshness.days_since_newest_figure IS 'Each topic with the days from its newest figure to served_as_of, the oldest first: cowos 151, hbm 12 (none: no figure); NULL where a run did not measure it';
COMMENT ON COLUMN freshness.failing_sources IS 'Sources on the network that had not answered well since they failed, each with the days since its last good answer (never: none), the oldest first; NULL when all answer';

CREATE VIEW latest_forecast AS
SELECT
    f.quantity, f.period, f.unit, f.p05, f.p10, f.p25, f.p50, f.p75, f.p90, f.p95, f.mean,
    f.mcse_p05, f.mcse_p50, f.mcse_p95, f.mcse_mean, r.as_of, r.run_id, f.period_kind, f.interval_kind, f.n_draws, f.ess,
    q.topic, coalesce(q.headline, false) AS headline
FROM recent_forecast f JOIN served_rows r ON r.table_name = 'forecast' AND r.rows_of = f.run_id
LEFT JOIN quantities q ON q.quantity = f.quantity;
COMMENT ON VIEW latest_forecast IS 'Forecast of the run served: all quantities, quarters and years';

CREATE VIEW hbm_forecast AS SELECT * EXCLUDE (topic) FROM latest_forecast WHERE topic = 'hbm';
COMMENT ON VIEW hbm_forecast IS 'HBM: revenue, bits, price, generations, TSV capacity; a row per quantity and period (2024 or 2024Q3)';
CREATE VIEW cowos_forecast AS SELECT * EXCLUDE (topic) FROM latest_forecast WHERE topic = 'cowos';
COMMENT ON VIEW cowos_forecast IS 'CoWoS: wafers and capacity; a row per quantity and period (2024 or 2024Q3)';
CREATE VIEW server_forecast AS SELECT * EXCLUDE (topic) FROM latest_forecast WHERE topic = 'server';
COMMENT ON VIEW server_forecast IS 'Servers: shipments and penetration; a row per quantity and period (2024 or 2024Q3)';
CREATE VIEW dram_forecast AS SELECT * EXCLUDE (topic) FROM latest_forecast WHERE topic = 'dram';
COMMENT ON VIEW dram_forecast IS 'DRAM: revenue, bits, capacity and the share of HBM; a row per quantity and period (2024 or 2024Q3)';
CREATE VIEW accelerator_forecast AS SELECT * EXCLUDE (topic) FROM latest_forecast WHERE topic = 'accelerator';
COMMENT ON VIEW accelerator_forecast IS 'Accelerators: shipments, demand and mix; a row per quantity and period (2024 or 2024Q3)';
CREATE VIEW headline_forecast AS SELECT * FROM latest_forecast WHERE headline;
COMMENT ON VIEW headline_forecast IS 'The headline quantities; a row per quantity and period (2024 or 2024Q3)';

CREATE VIEW binding_forecast AS
SELECT b.period, b.stage, b.probability, b.mcse, r.as_of, r.run_id
FROM recent_binding b JOIN served_rows r ON r.table_name = 'binding' AND r.rows_of = b.run_id;
COMMENT ON VIEW binding_forecast IS 'Probability that demand, HBM or CoWoS is the limit, each as far as its relief would raise shipments; of the run served';

CREATE VIEW forecast_quantiles AS
SELECT quantity, period, unit, level_per_mille, value, as_of, run_id
FROM (
    SELECT quantity, period, unit, as_of, run_id,
        unnest([50, 100, 250, 500, 750, 900, 950]) AS level_per_mille, unnest([p05, p10, p25, p50, p75, p90, p95]) AS value
    FROM latest_forecast
) long;
COMMENT ON VIEW forecast_quantiles IS 'Latest forecast in long form; level_per_mille is an integer, so that it can be joined on';
COMMENT ON COLUMN forecast_quantiles.level_per_mille IS 'Level of the quantile in thousandths: 50 is the 5 % quantile';

CREATE VIEW forecast_history AS
SELECT f.*, r.run_number, r.finished_at FROM forecast f JOIN runs r ON r.run_id = f.run_id WHERE r.status = 'published';
COMMENT ON VIEW forecast_history IS 'Forecasts of every published run, with the order of the runs';

CREATE VIEW latest_diagnostics AS
SELECT d.* FROM recent_diagnostics d JOIN (FROM runs ORDER BY run_number DESC LIMIT 1) r ON r.run_id = d.run_id;
COMMENT ON VIEW latest_diagnostics IS 'Diagnostics of the last attempt, published or failed';

CREATE VIEW every_figure_fit AS
SELECT d.* REPLACE (r.run_id AS run_id), f.metric, f.entity, f.segment, f.kind, f.publisher, f.title, f.url, f.effective_published_on
FROM recent_figure_fit d JOIN served_rows r ON r.table_name = 'figure_fit' AND r.rows_of = d.run_id
LEFT JOIN figures_current f ON f.figure_id = d.figure_id;
COMMENT ON VIEW every_figure_fit IS 'How each figure fits the run served, with its source; levels, growth and ratios together: read the numbers with measure and unit';

CREATE VIEW latest_figure_fit AS
SELECT * EXCLUDE (measure, per_quantity) FROM every_figure_fit WHERE coalesce(measure, 'level') = 'level';
COMMENT ON VIEW latest_figure_fit IS 'How each figure about a level fits the run served, in its unit and with its source; figures about growth and ratios stand in latest_relative_fit';

CREATE VIEW latest_relative_fit AS
SELECT * FROM every_figure_fit WHERE measure <> 'level';
COMMENT ON VIEW latest_relative_fit IS 'How each figure about growth or about a ratio fits the run served, in its unit and with its source; figures about levels stand in latest_figure_fit';

CREATE VIEW revision_chains AS
WITH stated AS (
    SELECT publisher, metric, entity, segment, period, unit, figure_id, kind, url, effective_published_on AS published_on,
        coalesce(value, (low + high) / 2) AS value
    FROM figures_current
    -- An echo is no new statement, and a bound no number that could be revised.
    WHERE origin_id = figure_id AND effective_published_on IS NOT NULL AND coalesce(value, low + high) IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY publisher, metric, entity, segment, period, unit, effective_published_on ORDER BY figure_id) = 1
), steps AS (
    SELECT *, row_number() OVER chain AS step, count(*) OVER (PARTITION BY publisher, metric, entity, segment, period, unit) AS n_steps,
        lag(value) OVER chain AS previous_value, first_value(value) OVER chain AS first_value
    FROM stated
    WINDOW chain AS (PARTITION BY publisher, metric, entity, segment, period, unit ORDER BY published_on)
)
SELECT publisher, metric, entity, segment, period, unit, step, n_steps, published_on, value, previous_value, first_value,
    value / nullif(previous_value, 0) - 1 AS change, value / nullif(first_value, 0) - 1 AS change_since_first, kind, figure_id, url
FROM steps WHERE n_steps > 1
ORDER BY publisher, metric, entity, segment, period, unit, step;
COMMENT ON VIEW revision_chains IS 'How each publisher changed his mind: successive statements of one publisher about one target (metric, entity, segment, period, unit), two or more days; echoes of another figure and one-sided statements are left out';
COMMENT ON COLUMN revision_chains.publisher IS 'Who made the statements';
COMMENT ON COLUMN revision_chains.metric IS 'Metric, as in figures';
COMMENT ON COLUMN revision_chains.entity IS 'Company or industry the statements are about';
COMMENT ON COLUMN revision_chains.segment IS 'Part of it; empty is all';
COMMENT ON COLUMN revision_chains.period IS 'Period the statements are about';
COMMENT ON COLUMN revision_chains.unit IS 'Unit as printed';
COMMENT ON COLUMN revision_chains.step IS 'Place of the statement in its chain, 1 is the first';
COMMENT ON COLUMN revision_chains.n_steps IS 'Length of the chain';
COMMENT ON COLUMN revision_chains.published_on IS 'Day from which the statement counts as known';
COMMENT ON COLUMN revision_chains.value IS 'Value as printed, the middle of a range, in unit';
COMMENT ON COLUMN revision_chains.previous_value IS 'Value of the step before; NULL at the first';
COMMENT ON COLUMN revision_chains.first_value IS 'Value of the first step';
COMMENT ON COLUMN revision_chains.change IS 'value over previous_value less one, a fraction; of metrics that are growth rates or shares look at the difference instead';
COMMENT ON COLUMN revision_chains.change_since_first IS 'value over first_value less one, a fraction';
COMMENT ON COLUMN revision_chains.kind IS 'actual, estimate, forecast, guidance, ...: a chain may end in an actual';
COMMENT ON COLUMN revision_chains.figure_id IS 'The statement (figures.figure_id)';
COMMENT ON COLUMN revision_chains.url IS 'Where it was read';

CREATE VIEW latest_publisher_bias AS
SELECT b.* REPLACE (r.run_id AS run_id) FROM recent_publisher_bias b JOIN served_rows r ON r.table_name = 'publisher_bias' AND r.rows_of = b.run_id;
COMMENT ON VIEW latest_publisher_bias IS 'Publisher biases of the run served';

CREATE VIEW latest_posterior_drivers AS
SELECT d.* REPLACE (r.run_id AS run_id) FROM recent_posterior_drivers d JOIN served_rows r ON r.table_name = 'posterior_drivers' AND r.rows_of = d.run_id;
COMMENT ON VIEW latest_posterior_drivers IS 'Drivers of the run served, prior against posterior';

CREATE VIEW next_figures AS
SELECT v.publisher, v.figure_quantity, v.narrowing, v.figure_period, v.kind, v.quantity, v.period,
    v.* EXCLUDE (run_id, publisher, figure_quantity, narrowing, figure_period, kind, quantity, period) FROM recent_value_of_next_figure v JOIN served_rows r ON r.table_name = 'value_of_next_figure' AND r.rows_of = v.run_id
QUALIFY row_number() OVER (PARTITION BY v.publisher, v.like_figure_id ORDER BY v.narrowing DESC) = 1
ORDER BY v.narrowing DESC LIMIT 10;
COMMENT ON VIEW next_figures IS 'The ten figures that would narrow a headline interval of the run served most if they came tomorrow, each with the interval it would narrow most';

-- A column has one meaning wherever it stands: one of a view that has no comment of its own has that of the table or view
-- nearest to it among those that its definition names, of equals that by whose name it begins, and last that of any table.
CREATE VIEW view_reads AS
WITH RECURSIVE relations AS (
    SELECT table_name AS relation FROM duckdb_tables() WHERE database_name = current_database() AND NOT internal
    UNION ALL
    SELECT view_name FROM duckdb_views() WHERE database_name = current_database() AND NOT internal
), words AS (
    SELECT DISTINCT view_name, unnest(regexp_extract_all(regexp_replace(sql, '''[^'']*''', '', 'g'), '[A-Za-z_][A-Za-z0-9_]*')) AS word
    FROM duckdb_views() WHERE database_name = current_database() AND NOT internal
), named AS (
    SELECT w.view_name, r.relation FROM words w JOIN relations r ON r.relation = w.word WHERE w.view_name <> w.word
), reached(view_name, relation, steps) AS (
    SELECT view_name, relation, 1 FROM named
    UNION
    SELECT r.view_name, n.relation, r.steps + 1 FROM reached r JOIN named n ON n.view_name = r.relation WHERE r.steps < 6
)
SELECT view_name, relation, min(steps) AS steps FROM reached GROUP BY view_name, relation;
COMMENT ON VIEW view_reads IS 'Which tables and views each view reads, and how many steps away they are';
COMMENT ON COLUMN view_reads.view_name IS 'View';
COMMENT ON COLUMN view_reads.relation IS 'Table or view that it reads, itself or through other views';
COMMENT ON COLUMN view_reads.steps IS '1 where its own definition names it';

CREATE VIEW data_dictionary AS
WITH columns AS (
    SELECT table_name, column_name, column_index, data_type, comment FROM duckdb_columns() WHERE database_name = current_database() AND NOT internal
), inherited AS (
    SELECT c.table_name, c.column_name, arg_min(d.comment, 2 * coalesce(v.steps, 99) - starts_with(c.table_name, d.table_name)::INTEGER) AS comment
    FROM columns c
    JOIN columns d ON d.column_name = c.column_name AND d.comment IS NOT NULL
    LEFT JOIN view_reads v ON v.view_name = c.table_name AND v.relation = d.table_name
    WHERE c.comment IS NULL GROUP BY c.table_name, c.column_name
)
SELECT 'column' AS kind, c.table_name AS name, c.column_name, c.data_type, coalesce(c.comment, i.comment) AS comment
FROM columns c LEFT JOIN inherited i ON i.table_name = c.table_name AND i.column_name = c.column_name
UNION ALL
SELECT 'table', table_name, NULL, NULL, comment FROM duckdb_tables() WHERE database_name = current_database() AND NOT internal
UNION ALL
SELECT 'view', view_name, NULL, NULL, comment FROM duckdb_views() WHERE database_name = current_database() AND NOT internal
UNION ALL
SELECT DISTINCT 'macro', function_name, NULL, NULL, comment FROM duckdb_functions()
WHERE database_name = current_database() AND function_type IN ('macro', 'table_macro') AND NOT internal;
COMMENT ON VIEW data_dictionary IS 'Every table, column, view and macro with its comment';
COMMENT ON COLUMN data_dictionary.kind IS 'column, table, view or macro';
COMMENT ON COLUMN data_dictionary.name IS 'Table, view or macro';
COMMENT ON COLUMN data_dictionary.column_name IS 'Column; NULL for a table, view or macro itself';
COMMENT ON COLUMN data_dictionary.data_type IS 'Type of the column';
COMMENT ON COLUMN data_dictionary.comment IS 'What it is; units where a number could mislead';
