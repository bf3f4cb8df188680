-- What analysts read of scores: backtests, frozen forecasts, and the scores that came with the code.

CREATE VIEW latest_backtest AS FROM backtests ORDER BY finished_at DESC, run_id DESC LIMIT 1;
COMMENT ON VIEW latest_backtest IS 'The backtest made last: what scoreboard shows';

CREATE VIEW scoreboard_by_outcome_date AS
SELECT
    s.quantity, s.horizon_group, s.opponent, coalesce(s.outcome_dates, 'all') AS outcome_dates, s.n, s.n_targets, s.n_independent,
    s.crps, s.opponent_crps, s.skill, s.skill_low, s.skill_high, s.skill_without_two,
    s.crps_of_measured, s.log_score, s.opponent_log_score, s.absolute_error, s.opponent_absolute_error, s.skill_of_medians,
    s.coverage_50, s.coverage_80, s.coverage_90, s.coverage_80_low, s.coverage_80_high,
    s.coverage_80_calibrated_low, s.coverage_80_calibrated_high, s.coverage_80_chance_of_less,
    s.coverage_50_of_value, s.coverage_80_of_value, s.coverage_90_of_value, s.opponent_coverage_80, b.run_id, b.finished_at
FROM skill s JOIN latest_backtest b ON b.run_id = s.run_id;
COMMENT ON VIEW scoreboard_by_outcome_date IS 'The scoreboard, and its parts by the date on which the outcome was first printed: a change of the model is judged on those before the cut-off and confirmed on those after it';

CREATE VIEW scoreboard AS
SELECT * EXCLUDE (outcome_dates) FROM scoreboard_by_outcome_date WHERE outcome_dates = 'all';
COMMENT ON VIEW scoreboard IS 'Our forecasts against the opponents'' on the same dates and targets; opponent none: coverage of all our forecasts. Rows all hold the chain alone, rows all systems what is around it';

CREATE VIEW newest_frozen_scores AS
SELECT s.* FROM frozen_scores s JOIN runs scorer ON scorer.run_id = s.run_id
QUALIFY row_number() OVER (PARTITION BY s.frozen_run_id, s.quantity, s.period ORDER BY scorer.run_number DESC) = 1;
COMMENT ON VIEW newest_frozen_scores IS 'Scores of frozen forecasts, each on its outcome as it was known last';

CREATE VIEW prospective_scores AS
SELECT
    f.run_id, f.as_of, f.published_at, r.code_version, s.* EXCLUDE (run_id, frozen_run_id),
    -- A rerun of history is told by its as-of day; a day's tolerance, since as_of is local and published_at UTC.
    -- East of Greenwich as_of may be the later day: what was known on it the run had read.
    date_diff('day', f.as_of, f.published_at::DATE) <= 1 AND s.outcome_known_on > greatest(f.published_at::DATE, f.as_of) AS prospective
FROM newest_frozen_scores s
JOIN frozen_forecasts f ON f.run_id = s.frozen_run_id
JOIN runs r ON r.run_id = f.run_id;
COMMENT ON VIEW prospective_scores IS 'Frozen forecasts against what came of them; prospective is true where the forecast was published before its outcome and was no rerun of history';
COMMENT ON COLUMN prospective_scores.prospective IS 'True where it was published before its outcome was, and is no rerun of history';

CREATE VIEW prospective_scoreboard AS
SELECT
    prospective, quantity, horizon_group, count(*) AS n, count(DISTINCT period) AS n_targets, count(DISTINCT run_id) AS n_forecasts,
    avg(crps) AS crps, avg(crps_with_outcome_error) AS crps_of_measured, avg(log_score_with_outcome_error) AS log_score,
    avg(absolute_error) AS absolute_error, avg(covered_50_with_outcome_error) AS coverage_50, avg(covered_80_with_outcome_error) AS coverage_80,
    avg(covered_90_with_outcome_error) AS coverage_90, min(as_of) AS first_as_of, max(as_of) AS last_as_of
FROM prospective_scores GROUP BY prospective, quantity, horizon_group;
COMMENT ON VIEW prospective_scoreboard IS 'Mean scores of frozen forecasts per quantity and horizon, true prospective ones apart from reruns of history; forecasts of one target err together, so n_targets says more than n';
COMMENT ON COLUMN prospective_scoreboard.prospective IS 'True for forecasts that were published before their outcome was, and were no rerun of history';
COMMENT ON COLUMN prospective_scoreboard.n IS 'Forecasts scored';
COMMENT ON COLUMN prospective_scoreboard.n_targets IS 'Quantities and periods among them';
COMMENT ON COLUMN prospective_scoreboard.n_forecasts IS 'Published runs among them';

CREATE VIEW joint_scoreboard AS
SELECT s.* EXCLUDE (run_id), b.run_id, b.finished_at FROM joint_skill s JOIN latest_backtest b ON b.run_id = s.run_id;
COMMENT ON VIEW joint_scoreboard IS 'Our joint draws of a vintage against the opponents'', energy and variogram score, all targets together';

CREATE VIEW committed_scoreboard AS
SELECT * EXCLUDE (outcome_dates, version, withdrawn, ingested_at, ingest_run_id, content_hash, effective_known_since),
    'committed with the code ' || code_version AS run_id
FROM kept_scores_current WHERE outcome_dates = 'all' AND run_at = (SELECT max(run_at) FROM kept_scores_current);
COMMENT ON VIEW committed_scoreboard IS 'The scoreboard committed with the code, of the code_version and day that it names: data, until hbmcast backtest has made one here (scoreboard)';
