"""`hbmcast compare`: two published forecasts side by side."""

from typing import Annotated, Any

import typer

from flows.commands.formats import chosen_format, write_rows
from flows.commands.options import FormatOption, OutputOption, QuietOption, StateOption
from flows.commands.output import note
from flows.commands.side_by_side import print_by_quantity, span
from flows.runtime.settings import check_state, state_folder

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
    quiet: QuietOption = False,
    state: StateOption = None,
) -> None:
    """Compare two published forecasts: medians and 90 % intervals, and how far each median moved."""
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
    note(f"earlier: {first} as of {days[first]:%Y-%m-%d}; later: {second} as of {days[second]:%Y-%m-%d}")
    if first == second:
        note("both are the same run")
    if chosen == "table" and output is None:
        shown = rows[rows["period"] >= SHOWN_FROM]
        print_by_quantity(shown, "later_p50", ("Earlier (90 %)", "Later (90 %)", "Change"), _cells)
    else:
        import pyarrow as pa

        write_rows(pa.Table.from_pandas(rows, preserve_index=False), chosen, output)


def _cells(row: dict[str, Any], divisor: float) -> list[str]:
    spans = [span(row, run, divisor) for run in ("earlier", "later")]
    return [*spans, f"{row['change_of_median']:+.1%}"]
