"""Tables of runs, and of what they say of the chain."""

from typing import Final

from models.vocabulary.tables import Column, ResultTable

NEWEST_FIGURE: Final = "newest_figure_"
"""Beginning of the names in ``diagnostics`` that say how many days old the newest figure of a topic is."""

FIRST, REFIT, WARM, REWEIGHTED, UNCHANGED = "first", "refit", "warm", "reweighted", "unchanged"
ESTIMATIONS = {
    FIRST: "the first forecast of a state, sampled from nothing with fewer draws",
    REFIT: "sampled anew from nothing",
    WARM: "sampled anew, the chains begun where those of an earlier posterior ended",
    REWEIGHTED: "an earlier posterior weighted by what the figures since say",
    UNCHANGED: "the posterior of an earlier run that rests on the very same",
}
"""How a run comes to its posterior."""
"""How a run came to its posterior."""

# fmt: off
CHAIN: Final = (
    ResultTable(
        "quantities",
        "Vocabulary of what the chain computes, as of the last published run",
        made_by="models.vocabulary.quantities",
        brought="needed",
        optional_columns=("numerator", "denominator"),
        columns=(
            Column("quantity", "Name of the quantity, the same in CSV, code, SQL and plots", not_null=True),
            Column("topic", "server, accelerator, hbm, dram or cowos", not_null=True),
            Column("unit", "Unit of its values", not_null=True),
            Column("yearly", "How a year is made of quarters: sum, end or ratio", not_null=True),
            Column("headline", "True when it stands in the headline table", type="flag", not_null=True),
            Column("numerator", "For ratios: quantity above the line"),
            Column("denominator", "For ratios: quantity below the line"),
            Column("description", "What it is"),
        ),
    ),
    ResultTable(
        "forecast",
        "Forecasts of all published runs: one row per run, quantity and period",
        made_by="models.draws.summary",
        recorded="runs",
        brought="needed",
        of_a_run=True,
        columns=(
            Column("run_id", "Run (runs.run_id)", not_null=True),
            Column("as_of", "Only what was published by this day was used", type="day", not_null=True),
            Column("quantity", "Quantity (quantities.quantity)", not_null=True),
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
            Column("mcse_p05", "Monte Carlo standard error of p05, in unit", type="number"),
            Column("mcse_p50", "Monte Carlo standard error of p50, in unit", type="number"),
            Column("mcse_p95", "Monte Carlo standard error of p95, in unit", type="number"),
            Column("mcse_mean", "Monte Carlo standard error of the mean, in unit", type="number"),
            Column("n_draws", "Number of draws the row rests on", type="count"),
            Column("ess", "Effective number of independent draws", type="number"),
            Column("interval_kind", "equal_tailed: p05 to p95 is the central 90 % interval", not_null=True),
        ),
    ),
    ResultTable(
        "binding",
        "How far each stage limits what is shipped; sums to one per run and period",
        made_by="models.draws.summary",
        recorded="runs",
        brought="needed",
        of_a_run=True,
        columns=(
            Column("run_id", "Run (runs.run_id)", not_null=True),
            Column("period", "Quarter or year", not_null=True),
            Column("stage", "demand, hbm or cowos", not_null=True),
            Column("probability", "Share of a small relief of this stage that would reach shipments, mean "
                   "over draws; of a year, over its quarters too", type="number"),
            Column("mcse", "Monte Carlo standard error of the probability", type="number"),
        ),
    ),
    ResultTable(
        "diagnostics",
        "Gate of each run: what was measured, against which threshold; warnings of the warehouse's "
        "checks under check:<name>",
        made_by="models.draws.gate",
        recorded="runs",
        brought="needed",
        of_a_run=True,
        columns=(
            Column("run_id", "Run (runs.run_id)", not_null=True),
            Column("name", "Name of the diagnostic", not_null=True),
            Column("value", "Value measured; for check:<name> the number of offending rows", type="number"),
            Column("threshold", "Threshold it was held against", type="number"),
            Column("passed", "True when it passed; NULL when it only informs", type="flag"),
            Column("detail", "What else there is to say"),
        ),
    ),
    ResultTable(
        "posterior_drivers",
        "Drivers of the chain, prior against posterior",
        made_by="models.draws.summary",
        recorded="runs",
        brought="optional",
        of_a_run=True,
        columns=(
            Column("run_id", "Run (runs.run_id)", not_null=True),
            Column("driver", "Name of the driver", not_null=True),
            Column("period", "Quarter; NULL for a driver without time"),
            Column("source", "prior or posterior", not_null=True),
            Column("p05", "5 % quantile", type="number"),
            Column("p25", "25 % quantile", type="number"),
            Column("p50", "Median", type="number"),
            Column("p75", "75 % quantile", type="number"),
            Column("p95", "95 % quantile", type="number"),
        ),
    ),
    ResultTable(
        "publisher_bias",
        "How far each publisher's figures stand from the posterior; read with n",
        made_by="models.draws.summary",
        recorded="runs",
        brought="optional",
        of_a_run=True,
        columns=(
            Column("run_id", "Run (runs.run_id)", not_null=True),
            Column("publisher", "Publisher", not_null=True),
            Column("topic", "Topic the bias belongs to"),
            Column("n", "Number of figures it rests on", type="count", not_null=True),
            Column("p05", "5 % quantile of the bias on the log (or logit) scale", type="number"),
            Column("p50", "Median of the bias on the log (or logit) scale; 0.1 is about 10 % too high",
                   type="number"),
            Column("p95", "95 % quantile of the bias on the log (or logit) scale", type="number"),
        ),
    ),
    ResultTable(
        "figure_fit",
        "Each figure a run could see: what the model would have expected a publication of that kind to "
        "print, and whether it was used",
        made_by="models.draws.summary",
        recorded="runs",
        brought="optional",
        of_a_run=True,
        columns=(
            Column("run_id", "Run (runs.run_id)", not_null=True),
            Column("figure_id", "Figure (figures.figure_id)", not_null=True),
            Column("quantity", "Quantity it informs"),
            Column("period", "Period as printed"),
            Column("measure", "What it measures of the quantity: level, growth (less one), or ratio (to "
                   "per_quantity, or less one); NULL in runs of before this column"),
            Column("per_quantity", "Quantity that the ratio is taken to; NULL for none"),
            Column("unit", "Unit of published_value and of what was expected; fraction for growth"),
            Column("published_value", "Published value, in unit", type="number"),
            Column("predicted_p05", "5 % quantile of what was expected to be printed, in unit",
                   type="number"),
            Column("predicted_p50", "Median of what was expected to be printed, in unit", type="number"),
            Column("predicted_p95", "95 % quantile of what was expected to be printed, in unit",
                   type="number"),
            Column("pit", "Share of the expectation below the published value: near 0 or 1 is a surprise",
                   type="number"),
            Column("weight", "Weight of the figure after echo control, 1 for a figure of its own",
                   type="number"),
            Column("used", "True when the figure entered the likelihood", type="flag", not_null=True),
            Column("reason", "Why it did not; NULL when it did"),
        ),
    ),
    ResultTable(
        "runs",
        "One row per run that was published or failed",
        made_by="flows.night.run",
        columns=(
            Column("run_id", "Name of the run", not_null=True),
            Column("run_number", "Order in which runs were recorded, from 1", type="integer", not_null=True),
            Column("as_of", "Only what was published by this day was used", type="day", not_null=True),
            Column("started_at", "Start, UTC", type="time"),
            Column("finished_at", "End, UTC", type="time"),
            Column("status", "published or failed", not_null=True),
            Column("reason", "Why the run failed; NULL when it was published"),
            Column("seed", "Seed of every random stream of the run", type="count"),
            Column("draws", "Number of simulated joint draws", type="count"),
            Column("chains", "Number of sampling chains", type="integer"),
            Column("content_hash", "Hash of visible figures, assumptions and code: equal hash, equal "
                   "posterior"),
            Column("code_version", "Version of the code"),
            Column("reused_posterior", "True when an earlier posterior with the same content hash was used",
                   type="flag"),
            Column("estimation", "; ".join(f"{word}: {what}" for word, what in ESTIMATIONS.items())
                   + "; NULL for runs of before this column"),
            Column("reweighted_from", "Content hash of the posterior that was sampled, then weighted; NULL "
                   "where the run rests on one that was sampled for its own evidence"),
            Column("started_from", "Content hash of the posterior where the chains of this one began; NULL "
                   "where a pilot run began them"),
            Column("seconds_ingest", "Time of ingestion, seconds", type="number"),
            Column("seconds_import", "Time of loading PyMC, PyTensor, Numba and nutpie, seconds; NULL when "
                   "the posterior was reused", type="number"),
            Column("seconds_compile", "Time of compiling the model, seconds, without loading the libraries;"
                   " NULL when the posterior was reused", type="number"),
            Column("seconds_sample", "Time of sampling, seconds", type="number"),
            Column("seconds_simulate", "Time of simulating the draws, seconds", type="number"),
            Column("seconds_publish", "Time of building and checking the new warehouse file, seconds",
                   type="number"),
            Column("peak_memory_mb", "Largest memory of the run, MB", type="number"),
            Column("draws_file", "Parquet file of the joint draws, relative to the state folder; older ones"
                   " are deleted after some runs"),
        ),
    ),
    ResultTable(
        "left_out",
        "What a run's posterior predicts for figures and publishers left out of it; a row per figure "
        "and way of leaving it out",
        made_by="flows.commands.leave_out",
        columns=(
            Column("run_id", "Run whose posterior was looked at (runs.run_id)", not_null=True),
            Column("publisher", "Publisher of the figure", not_null=True),
            Column("figure_id", "Figure (figures.figure_id)", not_null=True),
            Column("quantity", "Quantity", not_null=True),
            Column("period", "Period of the figure as printed", not_null=True),
            Column("left_out", "What was left out: the figure alone (its id), or all figures of the "
                   "publisher (its name)", not_null=True),
            Column("method", "psis: by Pareto-smoothed importance weights; refit: by a fit of its own",
                   not_null=True, words=("psis", "refit")),
            Column("pareto_k", "Shape of the weights' tail: above 0.7 they are not to be trusted; NULL "
                   "after a refit", type="number"),
            Column("pit", "Share of the prediction below the printed value; NULL for one-sided figures",
                   type="number"),
            Column("elpd", "Log density of the figure there; NULL after a refit", type="number"),
        ),
    ),
    ResultTable(
        "builds",
        "Rows of every table in every build of this file: proves that nothing was lost on the way",
        made_by="warehouse.builds",
        columns=(
            Column("build", "Number of the build, from 1", type="integer", not_null=True),
            Column("built_at", "When the build was made, UTC", type="time", not_null=True),
            Column("table_name", "Table", not_null=True),
            Column("row_count", "Its rows in that build", type="count", not_null=True),
        ),
    ),
)
