"""Tables of the systems around the chain, of scenarios, and of what a number hangs on."""

from typing import Final

from models.vocabulary.systems import SYSTEM_NAMES
from models.vocabulary.tables import Column, ResultTable

# fmt: off
SYSTEMS: Final = (
    ResultTable(
        "system_forecast",
        f"Forecasts of the systems around the chain ({', '.join(SYSTEM_NAMES)}) of all published runs",
        made_by="models.systems.output_tables",
        recorded="runs",
        brought="optional",
        of_a_run=True,
        columns=(
            Column("run_id", "Run (runs.run_id)", not_null=True),
            Column("as_of", "Only what was published by this day was used", type="day", not_null=True),
            Column("system", f"One of {', '.join(SYSTEM_NAMES)}", not_null=True),
            Column("item", "What it is about: an equipment category, a material, a supplier, a generation",
                   not_null=True),
            Column("measure", "What is measured: usd, tools, gb, share, wafers_per_month, ratio, ...",
                   not_null=True),
            Column("part", "total, or the part of it: hbm, cowos, new_capacity, replacement, bottom_up, "
                   "top_down, ...", not_null=True),
            Column("period", "Quarter 2024Q3 or year 2024", not_null=True),
            Column("period_kind", "quarter or year", not_null=True),
            Column("unit", "Unit of the quantiles and the mean", not_null=True),
            Column("p05", "5 % quantile", type="number"),
            Column("p10", "10 % quantile", type="number"),
            Column("p25", "25 % quantile", type="number"),
            Column("p50", "Median", type="number"),
            Column("p75", "75 % quantile", type="number"),
            Column("p90", "90 % quantile", type="number"),
            Column("p95", "95 % quantile", type="number"),
            Column("mean", "Mean", type="number"),
            Column("mcse_p05", "Monte Carlo standard error of p05, in unit; NULL with too few draws to tell",
                   type="number"),
            Column("mcse_p95", "Monte Carlo standard error of p95, in unit; NULL with too few draws to tell",
                   type="number"),
            Column("n_draws", "Number of draws the row rests on", type="count"),
            Column("n_figures", "Published figures that inform the item, besides those that inform the "
                   "chain under it", type="integer"),
            Column("trust", "measured, few figures, or assumed: read it with every interval"),
        ),
    ),
    ResultTable(
        "system_lineage",
        "What each number of system_forecast rests on; hbmcast explain follows it to the figures and "
        "their URLs",
        made_by="models.systems.output_tables",
        recorded="runs",
        brought="optional",
        of_a_run=True,
        columns=(
            Column("run_id", "Run (runs.run_id)", not_null=True),
            Column("system", "System (system_forecast.system)", not_null=True),
            Column("item", "Item (system_forecast.item)", not_null=True),
            Column("measure", "Measure (system_forecast.measure)", not_null=True),
            Column("input_kind", "quantity (of the chain), assumption, or figure", not_null=True),
            Column("input_name", "Its name: quantities.quantity, assumptions.assumption or figures.figure_id",
                   not_null=True),
        ),
    ),
    ResultTable(
        "scenarios",
        "What each scenario does to a quantity, compared with the base draw by draw, of all published "
        "runs. A scenario is a statement about drivers, with no probability of its own; drivers it does"
        " not name stay as they are",
        made_by="models.scenarios.run",
        recorded="runs",
        brought="optional",
        of_a_run=True,
        columns=(
            Column("run_id", "Run (runs.run_id)", not_null=True),
            Column("as_of", "Only what was published by this day was used", type="day", not_null=True),
            Column("scenario", "Name of the scenario (scenario_shocks.scenario)", not_null=True),
            Column("quantity", "Quantity (quantities.quantity), or system/item/measure/part of "
                   "system_forecast", not_null=True),
            Column("period", "Quarter 2024Q3 or year 2024", not_null=True),
            Column("period_kind", "quarter or year", not_null=True),
            Column("unit", "Unit of base, scenario and difference"),
            Column("base_p05", "5 % quantile without the shocks, over the draws compared", type="number"),
            Column("base_p50", "Median without the shocks, over the draws compared", type="number"),
            Column("base_p95", "95 % quantile without the shocks, over the draws compared", type="number"),
            Column("scenario_p05", "5 % quantile with the shocks", type="number"),
            Column("scenario_p50", "Median with the shocks", type="number"),
            Column("scenario_p95", "95 % quantile with the shocks", type="number"),
            Column("difference_p05", "5 % quantile of the difference of the same draw, scenario less base",
                   type="number"),
            Column("difference_p50", "Median of the difference of the same draw", type="number"),
            Column("difference_p95", "95 % quantile of the difference of the same draw", type="number"),
            Column("relative_p05", "5 % quantile of the relative difference of the same draw: -0.2 is a "
                   "fifth less", type="number"),
            Column("relative_p50", "Median of the relative difference of the same draw", type="number"),
            Column("relative_p95", "95 % quantile of the relative difference of the same draw",
                   type="number"),
            Column("probability_lower", "Share of draws in which the scenario lies below the base",
                   type="number"),
            Column("n_draws", "Number of pairs of draws", type="count"),
        ),
    ),
    ResultTable(
        "sensitivities",
        "Which driver carries how much of the variance of a target, of all published runs: Shapley "
        "shares of R squared of the log target on the drivers of its year, over the joint draws. It "
        "says what varies, not what a shock would change (that is a scenario)",
        made_by="models.attribution.sensitivity",
        recorded="runs",
        brought="optional",
        of_a_run=True,
        columns=(
            Column("run_id", "Run (runs.run_id)", not_null=True),
            Column("as_of", "Only what was published by this day was used", type="day", not_null=True),
            Column("target", "Quantity (quantities.quantity), or system/item/measure of system_forecast",
                   not_null=True),
            Column("period", "Year", not_null=True),
            Column("driver", "Driver of the chain; rest: what no driver carries linearly (bends, quarters "
                   "within the year, what a system draws afresh, as the price of a tool)", not_null=True),
            Column("share", "Share of the variance of the log target; the shares of a target and year add "
                   "up to one", type="number"),
            Column("correlation", "Correlation of the log target with the log of the driver over the year; "
                   "NULL for the rest", type="number"),
            Column("noise_floor", "Share that a driver without any say would get by chance", type="number"),
            Column("log_sd", "Standard deviation of the log target", type="number"),
            Column("n_features", "Number of numbers that describe the driver in the regression",
                   type="integer"),
            Column("n_draws", "Number of draws it rests on", type="count"),
        ),
    ),
    ResultTable(
        "learning",
        "Prior against posterior of every assumption and driver of the chain, of all published runs: "
        "what the figures have taught, and what is merely assumed",
        made_by="models.attribution.prior_posterior",
        recorded="runs",
        brought="optional",
        of_a_run=True,
        columns=(
            Column("run_id", "Run (runs.run_id)", not_null=True),
            Column("as_of", "Only what was published by this day was used", type="day", not_null=True),
            Column("name", "Assumption (assumptions.assumption), with its element in brackets where it "
                   "serves several; or driver", not_null=True),
            Column("kind", "assumption or driver", not_null=True),
            Column("period", "Year of a driver; NULL for an assumption"),
            Column("sd_ratio", "Standard deviation of the posterior over that of the prior", type="number"),
            Column("shift", "Mean of the posterior less that of the prior, in prior standard deviations",
                   type="number"),
            Column("state", "learned, partly learned, or assumed"),
        ),
    ),
    ResultTable(
        "power_scalings",
        "How far a target moves when a part of the prior or of the likelihood is made stronger or "
        "weaker, of all published runs; computed by importance weights, so it is local",
        made_by="models.attribution.power_scaling",
        recorded="runs",
        brought="optional",
        of_a_run=True,
        columns=(
            Column("run_id", "Run (runs.run_id)", not_null=True),
            Column("as_of", "Only what was published by this day was used", type="day", not_null=True),
            Column("target", "Quantity (quantities.quantity)", not_null=True),
            Column("period", "Year", not_null=True),
            Column("component", "prior or likelihood", not_null=True),
            Column("part", "Kind of assumption, topic of figures, or all", not_null=True),
            Column("sensitivity", "Distance the distribution moves per doubling of the power", type="number"),
            Column("by_chance", "The same with weights that have no tie to the target", type="number"),
            Column("notable", "True when it is influential and clearly above chance", type="flag"),
            Column("shift_per_doubling_sd", "Change of the mean log target per doubling of the power, in "
                   "posterior standard deviations", type="number"),
            Column("shift_mcse_sd", "Its Monte Carlo standard error", type="number"),
            Column("pareto_k", "Reliability of the weights: above 0.7 they can't be trusted", type="number"),
            Column("n_draws", "Number of draws it rests on", type="count"),
        ),
    ),
    ResultTable(
        "report_points",
        "The point calculation of the broker report of January 2024 rebuilt from its stated inputs "
        "(models/systems/report_2024/tables.py), of all published runs: servers x share x accelerators "
        "x GB x price, 2022 to 2025",
        made_by="models.systems.report_2024.tables",
        called=True,
        recorded="runs",
        brought="optional",
        columns=(
            Column("run_id", "Run (runs.run_id)", not_null=True),
            Column("as_of", "Only what was published by this day was used", type="day", not_null=True),
            Column("item", "Step of the calculation, from servers to hbm_revenue_usd", not_null=True),
            Column("period", "Year", not_null=True),
            Column("status", "stated by the report; derived from what it states; missing where an input is "
                   "neither, so that the derived range takes it as in the year before", not_null=True),
            Column("stated_low", "Lower end of what the report states, in unit; NULL where it states nothing",
                   type="number"),
            Column("stated_high", "Upper end of what the report states, in unit; NULL where it states "
                   "nothing, or says above", type="number"),
            Column("derived_low", "Lower end of what its inputs give, in unit; NULL where it states the "
                   "input itself", type="number"),
            Column("derived_high", "Upper end of what its inputs give, in unit; NULL where it states the "
                   "input itself", type="number"),
            Column("unit", "Unit of the four numbers"),
            Column("quantity", "Quantity of the chain with the same meaning (quantities.quantity)"),
            Column("input_figure_ids", "Figures of the report that go in (figures.figure_id), separated by "
                   "semicolons"),
            Column("how", "How it is stated or derived"),
        ),
    ),
    ResultTable(
        "report_conclusions",
        "The conclusion of the broker report of January 2024, HBM revenue of 2024 above 10 bn USD, as a"
        " probability over the joint draws, of all published runs",
        made_by="models.systems.report_2024.tables",
        called=True,
        recorded="runs",
        brought="optional",
        columns=(
            Column("run_id", "Run (runs.run_id)", not_null=True),
            Column("as_of", "Only what was published by this day was used", type="day", not_null=True),
            Column("period", "Year of the conclusion", not_null=True),
            Column("threshold_usd", "HBM revenue that the report says will be exceeded, USD", type="number"),
            Column("probability", "Share of draws above it", type="number"),
            Column("mcse", "Monte Carlo standard error of the probability, as of independent draws",
                   type="number"),
            Column("n_draws", "Number of draws it rests on", type="count"),
            Column("hindsight", "True when the run knows more than the report of January 2024 did: what "
                   "became of 2024, mostly", type="flag"),
        ),
    ),
    ResultTable(
        "report_recomputed",
        "Findings on the broker report of January 2024 computed again from the figures in force, of all"
        " published runs; what a finding says of its own numbers is not looked at",
        made_by="models.systems.report_2024.tables",
        called=True,
        recorded="runs",
        brought="optional",
        columns=(
            Column("run_id", "Run (runs.run_id)", not_null=True),
            Column("as_of", "Only what was published by this day was used", type="day", not_null=True),
            Column("finding_id", "Finding (report_findings.finding_id)", not_null=True),
            Column("stated_low", "Lower end of what is stated, in the unit of the finding", type="number"),
            Column("stated_high", "Upper end of what is stated", type="number"),
            Column("recomputed_low", "Lower end of what the inputs give; NULL where the finding is one of "
                   "reading", type="number"),
            Column("recomputed_high", "Upper end of what the inputs give", type="number"),
            Column("stands", "Whether the finding still stands on the figures in force", type="flag"),
        ),
    ),
)
