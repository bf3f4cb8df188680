"""Tables of what moved a forecast, and of what could move it next."""

from datetime import timedelta
from typing import Final

from models.vocabulary.tables import Column, ResultTable

LAST_RUN: Final = "last run"
MONTH_AGO: Final = "month ago"
SINCE: Final = (LAST_RUN, MONTH_AGO)
"""What a run is compared with: the run published before it, and the last one at least a `MONTH` older."""
MONTH: Final = timedelta(days=30)
WHOLE, NEW, REVISED, WITHDRAWN = "whole", "new figure", "revised figure", "withdrawn figure"
TOGETHER, RULES, CODE, NOISE = "figures together", "products, assumptions and rules", "code", "noise"
RULES_TOGETHER: Final = "rules and figures together"
PARTS: Final = (WHOLE, RULES, NEW, REVISED, WITHDRAWN, TOGETHER, RULES_TOGETHER, CODE, NOISE)
"""What a row of `news` is: the whole move, or one of the parts that add up to it."""

# fmt: off
NEWS: Final = (
    ResultTable(
        "news",
        "What moved the headline quantities since an earlier run: the whole move, and its parts, which add "
        "up to it",
        made_by="models.attribution.news",
        recorded="runs",
        brought="optional",
        of_a_run=True,
        columns=(
            Column("run_id", "Run whose forecast moved (runs.run_id)", not_null=True),
            Column("since", "last run: the run published before it; month ago: the last one at least a month "
                   "older", words=SINCE, not_null=True),
            Column("earlier_run_id", "Run that it is compared with (runs.run_id)", not_null=True),
            Column("earlier_as_of", "As-of day of that run", type="day", not_null=True),
            Column("quantity", "Headline quantity", not_null=True),
            Column("period", "Year", not_null=True),
            Column("unit", "Unit of the numbers", not_null=True),
            Column("part", "whole: later less earlier. Of its parts: a new, revised or withdrawn figure; "
                   "figures together: several whose parts could not be told apart (their weights rest on too "
                   "few draws); products, assumptions and rules: products, assumptions, mapping and the "
                   "quarter of the as-of day; rules and figures together: these and figures that they could "
                   "not be told apart from; code: a changed model, the noise of estimation with it; noise: "
                   "re-estimation and sampling", words=PARTS, not_null=True),
            Column("figure_ids", "Figures of the part (figures.figure_id), separated by spaces; NULL for "
                   "what is no figure"),
            Column("publisher", "Their publishers, separated by semicolons; NULL for what is no figure"),
            Column("about", "What they are about: quantity and period as printed; of several only the "
                   "number"),
            Column("known_on", "Day on which the last of them became known", type="day"),
            Column("p05", "Move of the 5 % quantile, in unit", type="number"),
            Column("p50", "Move of the median, in unit", type="number"),
            Column("p95", "Move of the 95 % quantile, in unit", type="number"),
            Column("error_p05", "Standard error of p05", type="number"),
            Column("error_p50", "Standard error of p50", type="number"),
            Column("error_p95", "Standard error of p95", type="number"),
            Column("earlier_p05", "5 % quantile of the earlier run", type="number"),
            Column("earlier_p50", "Median of the earlier run", type="number"),
            Column("earlier_p95", "95 % quantile of the earlier run", type="number"),
            Column("pareto_k", "Largest Pareto shape of the weights that the part rests on: up to 0.7 they "
                   "are to be trusted; NULL for what rests on none", type="number"),
        ),
    ),
    ResultTable(
        "value_of_next_figure",
        "Which figure, if it came on the day after the as-of day, would narrow which headline interval",
        made_by="models.attribution.next_figure",
        recorded="runs",
        brought="optional",
        of_a_run=True,
        columns=(
            Column("run_id", "Run (runs.run_id)", not_null=True),
            Column("publisher", "Who would print it", not_null=True),
            Column("like_figure_id", "Figure after which it is modelled: the publisher's last of this kind "
                   "(figures.figure_id)", not_null=True),
            Column("figure_quantity", "Quantity that it would be about", not_null=True),
            Column("figure_period", "Period that it would be about", not_null=True),
            Column("kind", "actual, estimate, forecast or guidance, as the last one", not_null=True),
            Column("prints_usually", "How many of this kind the publisher printed in the last two years",
                   type="count"),
            Column("expected_p05", "5 % quantile of what would be printed, in the base unit of the metric",
                   type="number"),
            Column("expected_p50", "Median of what would be printed", type="number"),
            Column("expected_p95", "95 % quantile of what would be printed", type="number"),
            Column("quantity", "Headline quantity", not_null=True),
            Column("period", "Year", not_null=True),
            Column("unit", "Unit of width", not_null=True),
            Column("width", "Width of its 90 % interval now", type="number"),
            Column("expected_width", "Width to be expected once the figure is known", type="number"),
            Column("narrowing", "Share by which the interval would narrow, 0.1 is a tenth", type="number"),
            Column("error", "Standard error of narrowing", type="number"),
        ),
    ),
)
