"""Tables of backtests."""

from typing import Final

from models.vocabulary.tables import Column, ResultTable

# fmt: off
SCORES: Final = (
    ResultTable(
        "backtests",
        "One row per backtest whose scores are here",
        made_by="flows.backtest.run",
        optional_columns=("code_version", "first_as_of", "last_as_of", "seconds", "finished_at"),
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
            Column("metric", "crps (of the log; of a point: its absolute error there), crps_relative (in "
                   "units of the outcome), absolute_error (of the log of the median), log_score, "
                   "pit, covered_50, covered_80, covered_90; pit and covered_* also "
                   "*_with_outcome_error; of an opponent also probability_above, the share of our"
                   " draws above its point", not_null=True),
            Column("value", "The score", type="number"),
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
            Column("n", "Number of forecasts: vintages x targets", type="integer", not_null=True),
            Column("n_targets", "Number of different targets (quantity and period) among them",
                   type="integer", not_null=True),
            Column("crps", "Our mean CRPS of the log", type="number"),
            Column("opponent_crps", "The opponent's mean absolute error of the log on the same forecasts",
                   type="number"),
            Column("skill", "1 - crps / opponent_crps: 0.25 is a quarter better", type="number"),
            Column("skill_low", "5 % quantile of the skill in a paired bootstrap over targets; NULL with "
                   "fewer than three targets", type="number"),
            Column("skill_high", "95 % quantile of the skill in a paired bootstrap over targets; NULL with "
                   "fewer than three targets", type="number"),
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
            Column("coverage_80_calibrated_low", "5 % quantile of the coverage_80 that a forecast that is "
                   "right would show by chance, on these targets and dates; a"
                   " coverage_80 below it can hardly be bad luck", type="number"),
            Column("coverage_80_calibrated_high", "95 % quantile of the coverage_80 that a forecast that is"
                   " right would show by chance, on these targets and dates", type="number"),
            Column("coverage_50_of_value", "Share of outcomes' values inside our 50 % interval, as if they "
                   "were the truth: harder than coverage_50, and too low even for a"
                   " perfect forecast", type="number"),
            Column("coverage_80_of_value", "Share of outcomes' values inside our 80 % interval, as if they "
                   "were the truth: harder than coverage_80, and too low even for a"
                   " perfect forecast", type="number"),
            Column("coverage_90_of_value", "Share of outcomes' values inside our 90 % interval, as if they "
                   "were the truth: harder than coverage_90, and too low even for a"
                   " perfect forecast", type="number"),
        ),
    ),
)
