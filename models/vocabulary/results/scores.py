"""Tables of backtests."""

from typing import Final

from models.vocabulary.tables import Column, ResultTable

# fmt: off
SCORES: Final = (
    ResultTable(
        "backtests",
        "One row per backtest whose scores are here",
        made_by="flows.backtest.run",
        optional_columns=(
            *("code_version", "first_as_of", "last_as_of", "seconds", "finished_at", "demand_by_chance"),
        ),
        columns=(
            Column("run_id", "Name of the backtest", not_null=True),
            Column("finished_at", "End, UTC", type="time", not_null=True),
            Column("code_version", "Version of the code"),
            Column("content_hash", "Hash of all vintages, outcomes and scores' code: equal hash, equal "
                   "scores", not_null=True),
            Column("vintages", "Number of as-of dates scored", type="integer", not_null=True),
            Column("refitted", "How many of them were fitted by this backtest; the others were kept from "
                   "before", type="integer", not_null=True),
            Column("first_as_of", "Earliest vintage", type="day"),
            Column("last_as_of", "Latest vintage", type="day"),
            Column("seconds", "Time it took, seconds", type="number"),
            Column("hindsight", "What the vintages still know of their future", not_null=True),
            Column("doubts", "Vintages whose draws did not converge as they should, and systems that failed"
                   " in a vintage or had no forecast; NULL without any"),
            Column("demand_by_chance", "How often (0 to 1) a calibrated forecast would cover 70 to 90 % "
                   "with its 80 % intervals on all demanded lines of the scoreboard at once "
                   "(models/scoring/coverage_by_chance.py)", type="number"),
        ),
    ),
    ResultTable(
        "scores",
        "Backtest scores against later figures, ours and the opponents'; every backtest has all its "
        "vintages here",
        made_by="models.scoring.scores",
        recorded="backtests",
        brought="needed",
        columns=(
            Column("run_id", "Backtest that made them (backtests.run_id)", not_null=True),
            Column("as_of", "Vintage: only what was published by this day was seen",
                   type="day", not_null=True),
            Column("quantity", "Quantity of the chain, or of a system: system/item/measure/part as in "
                   "system_forecast", not_null=True),
            Column("period", "Quarter or year", not_null=True),
            Column("horizon_years", "Years from as_of to the end of the period", type="number"),
            Column("horizon_group", "up to six months, or over six months"),
            Column("outcome_figure_id", "Figures the outcome is made of (figures.figure_id), separated by "
                   "spaces; see table outcomes"),
            Column("outcome_value", "Its value in the unit of the quantity", type="number"),
            Column("opponent", "Who was scored: hbmcast (our own forecast) or the name of an opponent",
                   not_null=True),
            Column("metric", "crps (of the log), crps_relative (in units of the outcome), absolute_error (of"
                   " the log of the median or point), log_score, pit, covered_50, covered_80, covered_90; all"
                   " but the errors also *_with_outcome_error. Of an opponent those of its point with "
                   "the spread of its own past errors, and probability_above, the share of our draws "
                   "above its point. Before 2026-11-29 an opponent's crps was its absolute error",
                   not_null=True),
            Column("value", "The score", type="number"),
        ),
    ),
    ResultTable(
        "vintage_forecasts",
        "What each vintage of a backtest forecast of the headline quantities, of TSMC's CoWoS capacity and "
        "of DRAM revenue, whether or not it has come out",
        made_by="models.scoring.vintage_forecasts",
        recorded="backtests",
        brought="needed",
        columns=(
            Column("run_id", "Backtest that made them (backtests.run_id)", not_null=True),
            Column("as_of", "Vintage: only what was published by this day was seen",
                   type="day", not_null=True),
            Column("quantity", "Quantity", not_null=True),
            Column("period", "Quarter or year", not_null=True),
            Column("p05", "5 % quantile in the unit of the quantity", type="number"),
            Column("p10", "10 % quantile", type="number"),
            Column("p25", "25 % quantile", type="number"),
            Column("p50", "Median", type="number"),
            Column("p75", "75 % quantile", type="number"),
            Column("p90", "90 % quantile", type="number"),
            Column("p95", "95 % quantile", type="number"),
        ),
    ),
    ResultTable(
        "outcomes",
        "What forecasts were scored against: the later actual or latest estimate per quantity and "
        "period; the rule stands in models/scoring/outcomes.py, what it reads of systems in "
        "models/scoring/system_outcomes.py",
        made_by="models.scoring.outcomes",
        recorded="backtests",
        brought="needed",
        columns=(
            Column("run_id", "Backtest (backtests.run_id)", not_null=True),
            Column("quantity", "Quantity of the chain, or of a system: system/item/measure/part as in "
                   "system_forecast", not_null=True),
            Column("period", "Quarter, year, or fiscal period as printed; of a system its first and last "
                   "month", not_null=True),
            Column("value", "Outcome in the unit of the quantity", type="number", not_null=True),
            Column("log_sd", "Its uncertainty: standard deviation of its log", type="number", not_null=True),
            Column("rank", "actual, settled (published when the period was all but over) or running "
                   "(published while it ran)", not_null=True),
            Column("n_publishers", "Number of publishers it is the median of", type="integer", not_null=True),
            Column("figure_ids", "Figures it is made of (figures.figure_id), separated by spaces",
                   not_null=True),
            Column("known_on", "First day on which one of them was visible; later vintages are not scored "
                   "on it", type="day", not_null=True),
            Column("independent_group", "Targets of a backtest with equal numbers share their evidence: "
                   "periods of a quantity that overlap, or a common figure", type="integer"),
        ),
    ),
    ResultTable(
        "skill",
        "Mean scores of every backtest per quantity (and all), horizon group and opponent; the latest "
        "is the view scoreboard",
        made_by="models.scoring.scoreboard",
        recorded="backtests",
        brought="needed",
        columns=(
            Column("run_id", "Backtest (backtests.run_id)", not_null=True),
            Column("quantity", "Quantity, or all (of the chain); of the systems: system/item/measure/part, "
                   "a system, or all systems", not_null=True),
            Column("horizon_group", "up to six months, over six months, or all", not_null=True),
            Column("opponent", "Opponent on the same forecasts; none: all our forecasts, whoever had a view",
                   not_null=True),
            Column("outcome_dates", "all, or those first printed before or from the cut-off on; NULL is all"),
            Column("n", "Number of forecasts: vintages x targets", type="integer", not_null=True),
            Column("n_targets", "Number of different targets (quantity and period) among them",
                   type="integer", not_null=True),
            Column("n_independent", "Number of groups of targets that share their evidence: overlapping "
                   "periods of a quantity, or a common figure", type="integer"),
            Column("crps", "Our mean CRPS of the log, against the bare outcome", type="number"),
            Column("opponent_crps", "The opponent's on the same forecasts, its points with the spread of its "
                   "own past errors. Where n_independent is NULL the backtest is older, and this is the "
                   "absolute error of points", type="number"),
            Column("skill", "1 - crps / opponent_crps: 0.25 is a quarter better", type="number"),
            Column("skill_low", "5 % quantile of the skill in a paired bootstrap over groups of targets that "
                   "share their evidence; NULL with fewer than three", type="number"),
            Column("skill_high", "95 % quantile of the skill in that bootstrap", type="number"),
            Column("skill_without_two", "Skill without the two targets that make up most of the opponent's "
                   "CRPS", type="number"),
            Column("crps_of_measured", "Our mean CRPS with the outcome's own error added, on equal terms "
                   "with opponents, whose spread holds it", type="number"),
            Column("log_score", "Our mean log score (less is better), with the outcome's own error",
                   type="number"),
            Column("opponent_log_score", "The opponent's on the same forecasts", type="number"),
            Column("absolute_error", "Mean absolute error of the log of our medians", type="number"),
            Column("opponent_absolute_error", "That of the opponent's points on the same forecasts",
                   type="number"),
            Column("skill_of_medians", "1 - absolute_error / opponent_absolute_error", type="number"),
            Column("coverage_50", "Share of outcomes inside our 50 % interval of what would be measured: "
                   "our draws with the outcome's own error added. Where coverage_50_of_value"
                   " is NULL the backtest is older, and this is that one", type="number"),
            Column("coverage_80", "Share of outcomes inside our 80 % interval of what would be measured: "
                   "our draws with the outcome's own error added. Where coverage_80_of_value"
                   " is NULL the backtest is older, and this is that one", type="number"),
            Column("coverage_90", "Share of outcomes inside our 90 % interval of what would be measured: "
                   "our draws with the outcome's own error added. Where coverage_90_of_value"
                   " is NULL the backtest is older, and this is that one", type="number"),
            Column("coverage_80_low", "5 % quantile of coverage_80 in a bootstrap over targets, which are "
                   "inside or outside together; NULL with fewer than three targets", type="number"),
            Column("coverage_80_high", "95 % quantile of coverage_80 in a bootstrap over targets; NULL with"
                   " fewer than three targets", type="number"),
            Column("coverage_80_calibrated_low", "5 % quantile of the coverage_80 that a calibrated "
                   "forecast would show by chance, on these targets and dates; a"
                   " coverage_80 below it can hardly be bad luck", type="number"),
            Column("coverage_80_calibrated_high", "95 % quantile of the coverage_80 that a calibrated"
                   " forecast would show by chance, on these targets and dates", type="number"),
            Column("coverage_80_chance_of_less", "How often (0 to 1) a calibrated forecast would cover as "
                   "little as coverage_80, or less, by chance", type="number"),
            Column("coverage_50_of_value", "Share of outcomes' values inside our 50 % interval, as if they "
                   "were the truth: harder than coverage_50, and too low even for a"
                   " perfect forecast", type="number"),
            Column("coverage_80_of_value", "Share of outcomes' values inside our 80 % interval, as if they "
                   "were the truth: harder than coverage_80, and too low even for a"
                   " perfect forecast", type="number"),
            Column("coverage_90_of_value", "Share of outcomes' values inside our 90 % interval, as if they "
                   "were the truth: harder than coverage_90, and too low even for a"
                   " perfect forecast", type="number"),
            Column("opponent_coverage_80", "Share of outcomes inside the opponent's 80 % interval: whether "
                   "its spread is as wide as its errors", type="number"),
        ),
    ),
    ResultTable(
        "frozen_forecasts",
        "One row per published run: the file in which its quantiles and some joint draws are kept for good,"
        " and its hash",
        made_by="warehouse.frozen",
        recorded="runs",
        columns=(
            Column("run_id", "Run (runs.run_id)", not_null=True),
            Column("as_of", "Only what was published by this day was used", type="day", not_null=True),
            Column("published_at", "When it was frozen, UTC", type="time", not_null=True),
            Column("file", "File, relative to the state folder", not_null=True),
            Column("sha256", "SHA-256 of the file, hexadecimal", not_null=True),
            Column("bytes", "Size of the file", type="count", not_null=True),
            Column("n_draws", "Number of joint draws in it", type="integer", not_null=True),
            Column("n_targets", "Number of quantities and periods in it", type="integer", not_null=True),
        ),
    ),
    ResultTable(
        "frozen_scores",
        "Scores of frozen forecasts as outcomes arrive; a row more where an outcome is revised. The newest "
        "are the view prospective_scores",
        made_by="models.scoring.prospective",
        recorded="runs",
        brought="optional",
        columns=(
            Column("run_id", "Run that scored it (runs.run_id)", not_null=True),
            Column("frozen_run_id", "Run whose forecast was scored (frozen_forecasts.run_id)", not_null=True),
            Column("quantity", "Quantity of the chain", not_null=True),
            Column("period", "Quarter, year, or fiscal period as printed", not_null=True),
            Column("horizon_years", "Years from its as_of to the end of the period", type="number"),
            Column("horizon_group", "up to six months, or over six months"),
            Column("outcome_figure_id", "Figures the outcome is made of, separated by spaces", not_null=True),
            Column("outcome_value", "Outcome in the unit of the quantity", type="number", not_null=True),
            Column("outcome_log_sd", "Its uncertainty: standard deviation of its log", type="number"),
            Column("outcome_known_on", "Day of its first print", type="day", not_null=True),
            Column("p50", "Median of the frozen draws, in the unit of the quantity", type="number"),
            Column("crps", "CRPS of the log", type="number"),
            Column("crps_with_outcome_error", "The same with the outcome's own error added", type="number"),
            Column("log_score_with_outcome_error", "Log score of the log (less is better), with that error",
                   type="number"),
            Column("absolute_error", "Absolute error of the log of the median", type="number"),
            Column("pit_with_outcome_error", "Share of the draws, with that error, below the outcome",
                   type="number"),
            Column("covered_50_with_outcome_error", "1 when the outcome is in the 50 % interval of what "
                   "would be measured, else 0", type="number"),
            Column("covered_80_with_outcome_error", "The same of the 80 % interval", type="number"),
            Column("covered_90_with_outcome_error", "The same of the 90 % interval", type="number"),
        ),
    ),
    ResultTable(
        "joint_scores",
        "Backtest scores of all targets of a vintage together, ours and an opponent's on the same targets",
        made_by="models.scoring.joint",
        recorded="backtests",
        brought="needed",
        columns=(
            Column("run_id", "Backtest (backtests.run_id)", not_null=True),
            Column("as_of", "Vintage", type="day", not_null=True),
            Column("opponent", "Opponent, or our own forecast with the draws of each target shuffled",
                   not_null=True),
            Column("metric", "energy (over the root of the number of targets) or variogram (over the number "
                   "of pairs), of the logs", not_null=True),
            Column("n_targets", "Number of targets that both speak of", type="integer", not_null=True),
            Column("value", "Our score, less is better", type="number"),
            Column("opponent_value", "The opponent's", type="number"),
        ),
    ),
    ResultTable(
        "joint_skill",
        "Mean joint scores of every backtest per opponent; the latest is the view joint_scoreboard",
        made_by="models.scoring.joint",
        recorded="backtests",
        brought="needed",
        columns=(
            Column("run_id", "Backtest (backtests.run_id)", not_null=True),
            Column("opponent", "As in joint_scores", not_null=True),
            Column("metric", "energy or variogram", not_null=True),
            Column("n", "Number of vintages", type="integer", not_null=True),
            Column("n_targets", "Mean number of targets of a vintage", type="number"),
            Column("value", "Our mean score", type="number"),
            Column("opponent_value", "The opponent's", type="number"),
            Column("skill", "1 - value / opponent_value", type="number"),
            Column("skill_low", "5 % quantile of the skill in a bootstrap over years of vintages; NULL with "
                   "fewer than three", type="number"),
            Column("skill_high", "95 % quantile of the skill in that bootstrap", type="number"),
        ),
    ),
)
