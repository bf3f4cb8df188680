"""`hbmcast compare`: two published forecasts side by side."""

from pathlib import Path
from textwrap import wrap
from typing import Annotated, Any

import typer

from flows.commands.formats import chosen_format, write_rows
from flows.commands.options import FormatOption, OutputOption, QuietOption, StateOption
from flows.commands.output import note
from flows.commands.side_by_side import WIDTH, print_by_quantity, span
from flows.commands.staleness import note_staleness
from flows.runtime.preparation import check_state
from flows.runtime.settings import state_folder

# The table begins here, as that of `show`; files hold all.
SHOWN_FROM = "2024"


def compare(
    earlier: Annotated[
        str,
        typer.Argument(
            help="A run id or its beginning, a day (2026-10-31), latest, previous, yesterday, week-ago, "
            "month-ago, quarter-ago or year-ago."
        ),
    ] = "previous",
    later: Annotated[str, typer.Argument(help="The same; default: the run served.")] = "latest",
    every: Annotated[bool, typer.Option("--every", help="Every quantity, not only the headline.")] = False,
    quarters: Annotated[bool, typer.Option("--quarters", help="Quarters too, not only years.")] = False,
    format: FormatOption = None,
    output: OutputOption = None,
    why: Annotated[
        bool,
        typer.Option("--why", help="Split the moves into their parts, where no night has yet: a minute."),
    ] = False,
    quiet: QuietOption = False,
    state: StateOption = None,
) -> None:
    """Compare two published forecasts: medians and 90 % intervals, how far each median moved, and what by.

    What moved the headline quantities follows the table, where a night has split it: since the run before it
    and since a month ago. Files have it through `hbmcast sql "from news"`.
    """
    chosen = chosen_format(format, output)
    folder = state_folder(state)
    check_state(folder)
    from warehouse.joint import changes_between, published_runs, run_called

    first, second = run_called(folder, earlier), run_called(folder, later)
    rows = changes_between(folder, first, second)
    if not every:
        rows = rows[rows["headline"].astype(bool)]
    if not quarters:
        rows = rows[rows["period"].str.len() == 4]
    rows = rows.drop(columns="headline").sort_values(["quantity", "period"], ignore_index=True)
    days = published_runs(folder).set_index("run_id")["as_of"]
    for name, run in (("earlier", first), ("later", second)):
        note(f"{name}: {run} as of {days[run]:%Y-%m-%d}")
    if first == second:
        note("both are the same run")
    if chosen == "table" and output is None:
        shown = rows[rows["period"] >= SHOWN_FROM]
        print_by_quantity(shown, "later_p50", ("Earlier (90 %)", "Later (90 %)", "Change"), _cells)
        for line in _what_moved(folder, first, second, why):
            print(line)
    else:
        import pyarrow as pa

        write_rows(pa.Table.from_pandas(rows, preserve_index=False), chosen, output)
    note_staleness(folder, of=(first, second))


def _what_moved(folder: Path, first: str, second: str, why: bool) -> list[str]:
    """Lines that say what moved the headline quantities of each year between two runs."""
    from dashboards.labels import quantity_title
    from dashboards.news_words import moved_in_words
    from flows.night.news import kept_news, news_of_pair

    rows = kept_news(folder, first, second)
    if rows.empty and why and first != second:
        rows = news_of_pair(folder, first, second, note)
    if rows.empty:
        if first != second:
            note("what moved them was not split by a night; --why does it now")
        return []
    lines = ["What moved the medians:"]
    for (quantity, period), part in rows.groupby(["quantity", "period"], sort=False):
        if said := moved_in_words(part, f"{quantity_title(str(quantity))} {period}"):
            lines += wrap(said, WIDTH, subsequent_indent="  ")
    return lines if len(lines) > 1 else ["No median moved by more than noise."]


def _cells(row: dict[str, Any], divisor: float) -> list[str]:
    spans = [span(row, run, divisor) for run in ("earlier", "later")]
    return [*spans, f"{row['change_of_median']:+.1%}"]
