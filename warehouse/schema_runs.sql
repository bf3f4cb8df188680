-- Tables of runs and their results; every row is keyed by the run that made it.

CREATE TABLE quantities (
    quantity VARCHAR NOT NULL, topic VARCHAR NOT NULL, unit VARCHAR NOT NULL, yearly VARCHAR NOT NULL, headline BOOLEAN NOT NULL,
    numerator VARCHAR, denominator VARCHAR, description VARCHAR
);
COMMENT ON TABLE quantities IS 'Vocabulary of what the chain computes, as of the last published run';
COMMENT ON COLUMN quantities.quantity IS 'Name of the quantity, the same in CSV, code, SQL and plots';
COMMENT ON COLUMN quantities.topic IS 'server, accelerator, hbm, dram or cowos';
COMMENT ON COLUMN quantities.unit IS 'Unit of its values';
COMMENT ON COLUMN quantities.yearly IS 'How a year is made of quarters: sum, end or ratio';
COMMENT ON COLUMN quantities.headline IS 'True when it stands in the headline table';
COMMENT ON COLUMN quantities.numerator IS 'For ratios: quantity above the line';
COMMENT ON COLUMN quantities.denominator IS 'For ratios: quantity below the line';
COMMENT ON COLUMN quantities.description IS 'What it is';

CREATE TABLE runs (
    run_id VARCHAR NOT NULL, run_number INTEGER NOT NULL, as_of DATE NOT NULL, started_at TIMESTAMP, finished_at TIMESTAMP,
    status VARCHAR NOT NULL, reason VARCHAR, seed BIGINT, draws BIGINT, chains INTEGER, content_hash VARCHAR, code_version VARCHAR,
    reused_posterior BOOLEAN, seconds_ingest DOUBLE, seconds_import DOUBLE, seconds_compile DOUBLE, seconds_sample DOUBLE, seconds_simulate DOUBLE,
    seconds_publish DOUBLE, peak_memory_mb DOUBLE, draws_file VARCHAR
);
COMMENT ON TABLE runs IS 'One row per run that was published or failed';
COMMENT ON COLUMN runs.run_id IS 'Name of the run';
COMMENT ON COLUMN runs.run_number IS 'Order in which runs were recorded, from 1';
COMMENT ON COLUMN runs.as_of IS 'Only what was published by this day was used';
COMMENT ON COLUMN runs.started_at IS 'Start, UTC';
COMMENT ON COLUMN runs.finished_at IS 'End, UTC';
COMMENT ON COLUMN runs.status IS 'published or failed';
COMMENT ON COLUMN runs.reason IS 'Why the run failed; NULL when it was published';
COMMENT ON COLUMN runs.seed IS 'Seed of every random stream of the run';
COMMENT ON COLUMN runs.draws IS 'Number of simulated joint draws';
COMMENT ON COLUMN runs.chains IS 'Number of sampling chains';
COMMENT ON COLUMN runs.content_hash IS 'Hash of visible figures, assumptions and code: equal hash, equal posterior';
COMMENT ON COLUMN runs.code_version IS 'Version of the code';
COMMENT ON COLUMN runs.reused_posterior IS 'True when an earlier posterior with the same content hash was used';
COMMENT ON COLUMN runs.seconds_ingest IS 'Time of ingestion, seconds';
COMMENT ON COLUMN runs.seconds_import IS 'Time of loading PyMC, PyTensor, Numba and nutpie, seconds; NULL when the posterior was reused';
COMMENT ON COLUMN runs.seconds_compile IS 'Time of compiling the model, seconds, without loading the libraries; NULL when the posterior was reused';
COMMENT ON COLUMN runs.seconds_sample IS 'Time of sampling, seconds';
COMMENT ON COLUMN runs.seconds_simulate IS 'Time of simulating the draws, seconds';
COMMENT ON COLUMN runs.seconds_publish IS 'Time of building and checking the new warehouse file, seconds';
COMMENT ON COLUMN runs.peak_memory_mb IS 'Largest memory of the run, MB';
COMMENT ON COLUMN runs.draws_file IS 'Parquet file of the joint draws, relative to the state folder; older ones are deleted after some runs';

CREATE TABLE diagnostics (run_id VARCHAR NOT NULL, name VARCHAR NOT NULL, value DOUBLE, threshold DOUBLE, passed BOOLEAN, detail VARCHAR);
COMMENT ON TABLE diagnostics IS 'Gate of each run: what was measured, against which threshold; warnings of the warehouse''s checks under check:<name>';
COMMENT ON COLUMN diagnostics.run_id IS 'Run (runs.run_id)';
COMMENT ON COLUMN diagnostics.name IS 'Name of the diagnostic';
COMMENT ON COLUMN diagnostics.value IS 'Value measured; for check:<name> the number of offending rows';
COMMENT ON COLUMN diagnostics.threshold IS 'Threshold it was held against';
COMMENT ON COLUMN diagnostics.passed IS 'True when it passed; NULL when it only informs';
COMMENT ON COLUMN diagnostics.detail IS 'What else there is to say';

CREATE TABLE forecast (
    run_id VARCHAR NOT NULL, as_of DATE NOT NULL, quantity VARCHAR NOT NULL, period VARCHAR NOT NULL, period_kind VARCHAR NOT NULL, unit VARCHAR NOT NULL,
    p05 DOUBLE, p10 DOUBLE, p25 DOUBLE, p50 DOUBLE, p75 DOUBLE, p90 DOUBLE, p95 DOUBLE, mean DOUBLE,
    mcse_p05 DOUBLE, mcse_p50 DOUBLE, mcse_p95 DOUBLE, mcse_mean DOUBLE, n_draws BIGINT, ess DOUBLE, interval_kind VARCHAR NOT NULL
);
COMMENT ON TABLE forecast IS 'Forecasts of all published runs: one row per run, quantity and period';
COMMENT ON COLUMN forecast.run_id IS 'Run (runs.run_id)';
COMMENT ON COLUMN forecast.as_of IS 'Only what was published by this day was used';
COMMENT ON COLUMN forecast.quantity IS 'Quantity (quantities.quantity)';
COMMENT ON COLUMN forecast.period IS 'Quarter 2024Q3 or year 2024';
COMMENT ON COLUMN forecast.period_kind IS 'quarter or year';
COMMENT ON COLUMN forecast.unit IS 'Unit of the quantiles and the mean';
COMMENT ON COLUMN forecast.p05 IS '5 % quantile';
COMMENT ON COLUMN forecast.p10 IS '10 % quantile';
COMMENT ON COLUMN forecast.p25 IS '25 % quantile';
COMMENT ON COLUMN forecast.p50 IS 'Median';
COMMENT ON COLUMN forecast.p75 IS '75 % quantile';
COMMENT ON COLUMN forecast.p90 IS '90 % quantile';
COMMENT ON COLUMN forecast.p95 IS '95 % quantile';
COMMENT ON COLUMN forecast.mean IS 'Mean';
COMMENT ON COLUMN forecast.mcse_p05 IS 'Monte Carlo standard error of p05, in unit';
COMMENT ON COLUMN forecast.mcse_p50 IS 'Monte Carlo standard error of p50, in unit';
COMMENT ON COLUMN forecast.mcse_p95 IS 'Monte Carlo standard error of p95, in unit';
COMMENT ON COLUMN forecast.mcse_mean IS 'Monte Carlo standard error of the mean, in unit';
COMMENT ON COLUMN forecast.n_draws IS 'Number of draws the row rests on';
COMMENT ON COLUMN forecast.ess IS 'Effective number of independent draws';
COMMENT ON COLUMN forecast.interval_kind IS 'equal_tailed: p05 to p95 is the central 90 % interval';

CREATE TABLE binding (run_id VARCHAR NOT NULL, period VARCHAR NOT NULL, stage VARCHAR NOT NULL, probability DOUBLE, mcse DOUBLE);
COMMENT ON TABLE binding IS 'Probability that each stage limits what is shipped; sums to one per run and period';
COMMENT ON COLUMN binding.run_id IS 'Run (runs.run_id)';
COMMENT ON COLUMN binding.period IS 'Quarter or year';
COMMENT ON COLUMN binding.stage IS 'demand, hbm or cowos';
COMMENT ON COLUMN binding.probability IS 'Share of draws in which this stage is the tightest';
COMMENT ON COLUMN binding.mcse IS 'Monte Carlo standard error of the probability';

CREATE TABLE posterior_drivers (
    run_id VARCHAR NOT NULL, driver VARCHAR NOT NULL, period VARCHAR, source VARCHAR NOT NULL, p05 DOUBLE, p25 DOUBLE, p50 DOUBLE, p75 DOUBLE, p95 DOUBLE
);
COMMENT ON TABLE posterior_drivers IS 'Drivers of the chain, prior against posterior';
COMMENT ON COLUMN posterior_drivers.run_id IS 'Run (runs.run_id)';
COMMENT ON COLUMN posterior_drivers.driver IS 'Name of the driver';
COMMENT ON COLUMN posterior_drivers.period IS 'Quarter; NULL for a driver without time';
COMMENT ON COLUMN posterior_drivers.source IS 'prior or posterior';
COMMENT ON COLUMN posterior_drivers.p05 IS '5 % quantile';
COMMENT ON COLUMN posterior_drivers.p25 IS '25 % quantile';
COMMENT ON COLUMN posterior_drivers.p50 IS 'Median';
COMMENT ON COLUMN posterior_drivers.p75 IS '75 % quantile';
COMMENT ON COLUMN posterior_drivers.p95 IS '95 % quantile';

CREATE TABLE publisher_bias (run_id VARCHAR NOT NULL, publisher VARCHAR NOT NULL, topic VARCHAR, n BIGINT NOT NULL, p05 DOUBLE, p50 DOUBLE, p95 DOUBLE);
COMMENT ON TABLE publisher_bias IS 'How far each publisher''s figures stand from the posterior; read with n';
COMMENT ON COLUMN publisher_bias.run_id IS 'Run (runs.run_id)';
COMMENT ON COLUMN publisher_bias.publisher IS 'Publisher';
COMMENT ON COLUMN publisher_bias.topic IS 'Topic the bias belongs to';
COMMENT ON COLUMN publisher_bias.n IS 'Number of figures it rests on';
COMMENT ON COLUMN publisher_bias.p05 IS '5 % quantile of the bias on the log (or logit) scale';
COMMENT ON COLUMN publisher_bias.p50 IS 'Median of the bias on the log (or logit) scale; 0.1 is about 10 % too high';
COMMENT ON COLUMN publisher_bias.p95 IS '95 % quantile of the bias on the log (or logit) scale';

CREATE TABLE figure_fit (
    run_id VARCHAR NOT NULL, figure_id VARCHAR NOT NULL, quantity VARCHAR, period VARCHAR, published_value DOUBLE, predicted_p05 DOUBLE,
    predicted_p50 DOUBLE, predicted_p95 DOUBLE, pit DOUBLE, weight DOUBLE, used BOOLEAN NOT NULL, reason VARCHAR
);
COMMENT ON TABLE figure_fit IS 'Each figure a run could see: what the model would have expected a publication of that kind to print, and whether it was used';
COMMENT ON COLUMN figure_fit.run_id IS 'Run (runs.run_id)';
COMMENT ON COLUMN figure_fit.figure_id IS 'Figure (figures.figure_id)';
COMMENT ON COLUMN figure_fit.quantity IS 'Quantity it informs';
COMMENT ON COLUMN figure_fit.period IS 'Period as printed';
COMMENT ON COLUMN figure_fit.published_value IS 'Published value in the base unit of the metric';
COMMENT ON COLUMN figure_fit.predicted_p05 IS '5 % quantile of what was expected to be printed';
COMMENT ON COLUMN figure_fit.predicted_p50 IS 'Median of what was expected to be printed';
COMMENT ON COLUMN figure_fit.predicted_p95 IS '95 % quantile of what was expected to be printed';
COMMENT ON COLUMN figure_fit.pit IS 'Share of the expectation below the published value: near 0 or 1 is a surprise';
COMMENT ON COLUMN figure_fit.weight IS 'Weight of the figure after echo control, 1 for a figure of its own';
COMMENT ON COLUMN figure_fit.used IS 'True when the figure entered the likelihood';
COMMENT ON COLUMN figure_fit.reason IS 'Why it did not; NULL when it did';

CREATE TABLE scores (
    run_id VARCHAR NOT NULL, as_of DATE NOT NULL, quantity VARCHAR NOT NULL, period VARCHAR NOT NULL, horizon_years DOUBLE, horizon_group VARCHAR,
    outcome_figure_id VARCHAR, outcome_value DOUBLE, opponent VARCHAR NOT NULL, metric VARCHAR NOT NULL, value DOUBLE
);
COMMENT ON TABLE scores IS 'Backtest scores against later figures, ours and the opponents''; every backtest has all its vintages here';
COMMENT ON COLUMN scores.run_id IS 'Backtest that made them (backtests.run_id)';
COMMENT ON COLUMN scores.as_of IS 'Vintage: only what was published by this day was seen';
COMMENT ON COLUMN scores.quantity IS 'Quantity of the chain, or of a system: system/item/measure/part as in system_forecast';
COMMENT ON COLUMN scores.period IS 'Quarter or year';
COMMENT ON COLUMN scores.horizon_years IS 'Years from as_of to the end of the period';
COMMENT ON COLUMN scores.horizon_group IS 'up to six months, or over six months';
COMMENT ON COLUMN scores.outcome_figure_id IS 'Figures the outcome is made of (figures.figure_id), separated by spaces; see table outcomes';
COMMENT ON COLUMN scores.outcome_value IS 'Its value in the unit of the quantity';
COMMENT ON COLUMN scores.opponent IS 'Who was scored: hbmcast (our own forecast) or the name of an opponent';
COMMENT ON COLUMN scores.metric IS 'crps (of the log; of a point: its absolute error there), crps_relative (in units of the outcome), absolute_error (of the log of the median), log_score, pit, covered_50, covered_80, covered_90; pit and covered_* also *_with_outcome_error; of an opponent also probability_above, the share of our draws above its point';
COMMENT ON COLUMN scores.value IS 'The score';

CREATE TABLE backtests (
    run_id VARCHAR NOT NULL, finished_at TIMESTAMP NOT NULL, code_version VARCHAR, content_hash VARCHAR NOT NULL, vintages INTEGER NOT NULL,
    refitted INTEGER NOT NULL, first_as_of DATE, last_as_of DATE, seconds DOUBLE, hindsight VARCHAR NOT NULL,
    doubts VARCHAR
);
COMMENT ON TABLE backtests IS 'One row per backtest whose scores are here';
COMMENT ON COLUMN backtests.run_id IS 'Name of the backtest';
COMMENT ON COLUMN backtests.finished_at IS 'End, UTC';
COMMENT ON COLUMN backtests.code_version IS 'Version of the code';
COMMENT ON COLUMN backtests.content_hash IS 'Hash of all vintages, outcomes and scores'' code: equal hash, equal scores';
COMMENT ON COLUMN backtests.vintages IS 'Number of as-of dates scored';
COMMENT ON COLUMN backtests.refitted IS 'How many of them were fitted by this backtest; the others were kept from before';
COMMENT ON COLUMN backtests.first_as_of IS 'Earliest vintage';
COMMENT ON COLUMN backtests.last_as_of IS 'Latest vintage';
COMMENT ON COLUMN backtests.seconds IS 'Time it took, seconds';
COMMENT ON COLUMN backtests.hindsight IS 'What the vintages still know of their future';
COMMENT ON COLUMN backtests.doubts IS 'Vintages whose draws did not converge as they should, and systems that failed in a vintage or had no forecast; NULL without any';

CREATE TABLE outcomes (
    run_id VARCHAR NOT NULL, quantity VARCHAR NOT NULL, period VARCHAR NOT NULL, value DOUBLE NOT NULL, log_sd DOUBLE NOT NULL, rank VARCHAR NOT NULL,
    n_publishers INTEGER NOT NULL, figure_ids VARCHAR NOT NULL, known_on DATE NOT NULL
);
COMMENT ON TABLE outcomes IS 'What forecasts were scored against: the later actual or latest estimate per quantity and period; the rule stands in models/scoring/outcomes.py, what it reads of systems in models/scoring/system_outcomes.py';
COMMENT ON COLUMN outcomes.run_id IS 'Backtest (backtests.run_id)';
COMMENT ON COLUMN outcomes.quantity IS 'Quantity of the chain, or of a system: system/item/measure/part as in system_forecast';
COMMENT ON COLUMN outcomes.period IS 'Quarter, year, or fiscal period as printed; of a system its first and last month';
COMMENT ON COLUMN outcomes.value IS 'Outcome in the unit of the quantity';
COMMENT ON COLUMN outcomes.log_sd IS 'Its uncertainty: standard deviation of its log';
COMMENT ON COLUMN outcomes.rank IS 'actual, settled (published when the period was all but over) or running (published while it ran)';
COMMENT ON COLUMN outcomes.n_publishers IS 'Number of publishers it is the median of';
COMMENT ON COLUMN outcomes.figure_ids IS 'Figures it is made of (figures.figure_id), separated by spaces';
COMMENT ON COLUMN outcomes.known_on IS 'First day on which one of them was visible; later vintages are not scored on it';

CREATE TABLE skill (
    run_id VARCHAR NOT NULL, quantity VARCHAR NOT NULL, horizon_group VARCHAR NOT NULL, opponent VARCHAR NOT NULL, n INTEGER NOT NULL, n_targets INTEGER NOT NULL,
    crps DOUBLE, opponent_crps DOUBLE, skill DOUBLE, skill_low DOUBLE, skill_high DOUBLE, coverage_50 DOUBLE, coverage_80 DOUBLE, coverage_90 DOUBLE,
    coverage_80_low DOUBLE, coverage_80_high DOUBLE, coverage_80_calibrated_low DOUBLE, coverage_80_calibrated_high DOUBLE, coverage_50_of_value DOUBLE, coverage_80_of_value DOUBLE, coverage_90_of_value DOUBLE
);
COMMENT ON TABLE skill IS 'Mean scores of every backtest per quantity (and all), horizon group and opponent; the latest is the view scoreboard';
COMMENT ON COLUMN skill.run_id IS 'Backtest (backtests.run_id)';
COMMENT ON COLUMN skill.quantity IS 'Quantity, or all (of the chain); of the systems: system/item/measure/part, a system, or all systems';
COMMENT ON COLUMN skill.horizon_group IS 'up to six months, over six months, or all';
COMMENT ON COLUMN skill.opponent IS 'Opponent on the same forecasts; none: all our forecasts, whoever had a view';
COMMENT ON COLUMN skill.n IS 'Number of forecasts: vintages x targets';
COMMENT ON COLUMN skill.n_targets IS 'Number of different targets (quantity and period) among them';
COMMENT ON COLUMN skill.crps IS 'Our mean CRPS of the log';
COMMENT ON COLUMN skill.opponent_crps IS 'The opponent''s mean absolute error of the log on the same forecasts';
COMMENT ON COLUMN skill.skill IS '1 - crps / opponent_crps: 0.25 is a quarter better';
COMMENT ON COLUMN skill.skill_low IS '5 % quantile of the skill in a paired bootstrap over targets; NULL with fewer than three targets';
COMMENT ON COLUMN skill.skill_high IS '95 % quantile of the skill in a paired bootstrap over targets; NULL with fewer than three targets';
COMMENT ON COLUMN skill.coverage_50 IS 'Share of outcomes inside our 50 % interval of what would be measured: our draws with the outcome''s own error added. Where coverage_50_of_value is NULL the backtest is older, and this is that one';
COMMENT ON COLUMN skill.coverage_80 IS 'Share of outcomes inside our 80 % interval of what would be measured: our draws with the outcome''s own error added. Where coverage_80_of_value is NULL the backtest is older, and this is that one';
COMMENT ON COLUMN skill.coverage_90 IS 'Share of outcomes inside our 90 % interval of what would be measured: our draws with the outcome''s own error added. Where coverage_90_of_value is NULL the backtest is older, and this is that one';
COMMENT ON COLUMN skill.coverage_80_low IS '5 % quantile of coverage_80 in a bootstrap over targets, which are inside or outside together; NULL with fewer than three targets';
COMMENT ON COLUMN skill.coverage_80_high IS '95 % quantile of coverage_80 in a bootstrap over targets; NULL with fewer than three targets';
COMMENT ON COLUMN skill.coverage_80_calibrated_low IS '5 % quantile of the coverage_80 that a forecast that is right would show by chance, on these targets and dates; a coverage_80 below it can hardly be bad luck';
COMMENT ON COLUMN skill.coverage_80_calibrated_high IS '95 % quantile of the coverage_80 that a forecast that is right would show by chance, on these targets and dates';
COMMENT ON COLUMN skill.coverage_50_of_value IS 'Share of outcomes'' values inside our 50 % interval, as if they were the truth: harder than coverage_50, and too low even for a perfect forecast';
COMMENT ON COLUMN skill.coverage_80_of_value IS 'Share of outcomes'' values inside our 80 % interval, as if they were the truth: harder than coverage_80, and too low even for a perfect forecast';
COMMENT ON COLUMN skill.coverage_90_of_value IS 'Share of outcomes'' values inside our 90 % interval, as if they were the truth: harder than coverage_90, and too low even for a perfect forecast';

CREATE TABLE builds (build INTEGER NOT NULL, built_at TIMESTAMP NOT NULL, table_name VARCHAR NOT NULL, row_count BIGINT NOT NULL);
COMMENT ON TABLE builds IS 'Rows of every table in every build of this file: proves that nothing was lost on the way';
COMMENT ON COLUMN builds.build IS 'Number of the build, from 1';
COMMENT ON COLUMN builds.built_at IS 'When the build was made, UTC';
COMMENT ON COLUMN builds.table_name IS 'Table';
COMMENT ON COLUMN builds.row_count IS 'Its rows in that build';

CREATE TABLE left_out (
    run_id VARCHAR NOT NULL, publisher VARCHAR NOT NULL, figure_id VARCHAR NOT NULL, quantity VARCHAR NOT NULL, period VARCHAR NOT NULL,
    left_out VARCHAR NOT NULL, method VARCHAR NOT NULL CHECK (method IN ('psis', 'refit')), pareto_k DOUBLE, pit DOUBLE, elpd DOUBLE
);
COMMENT ON TABLE left_out IS 'What a run''s posterior predicts for figures and publishers left out of it; a row per figure and way of leaving it out';
COMMENT ON COLUMN left_out.run_id IS 'Run whose posterior was looked at (runs.run_id)';
COMMENT ON COLUMN left_out.publisher IS 'Publisher of the figure';
COMMENT ON COLUMN left_out.figure_id IS 'Figure (figures.figure_id)';
COMMENT ON COLUMN left_out.quantity IS 'Quantity';
COMMENT ON COLUMN left_out.period IS 'Period of the figure as printed';
COMMENT ON COLUMN left_out.left_out IS 'What was left out: the figure alone (its id), or all figures of the publisher (its name)';
COMMENT ON COLUMN left_out.method IS 'psis: by Pareto-smoothed importance weights; refit: by a fit of its own';
COMMENT ON COLUMN left_out.pareto_k IS 'Shape of the weights'' tail: above 0.7 they are not to be trusted; NULL after a refit';
COMMENT ON COLUMN left_out.pit IS 'Share of the prediction below the printed value; NULL for one-sided figures';
COMMENT ON COLUMN left_out.elpd IS 'Log density of the figure there; NULL after a refit';
