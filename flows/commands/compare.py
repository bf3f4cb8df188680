"""`hbmcast compare`: two published forecasts side by side."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.commands.formats import chosen_format, write_rows
from flows.commands.options import FormatOption, OutputOption, QuietOption, StateOption
from flows.commands.output import note, terminal, terminal_table
from flows.runtime.settings import check_state, state_folder

if TYPE_CHECKING:
    import pandas as pd

WIDTH = 80
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
        _print(rows[rows["period"] >= SHOWN_FROM])
    else:
        import pyarrow as pa

        write_rows(pa.Table.from_pandas(rows, preserve_index=False), chosen, output)


def _print(rows: "pd.DataFrame") -> None:
    from dashboards.labels import quantity_title, quantity_unit
    from models.vocabulary.rows import records

    columns = [
        ("", False),
        ("Period", True),
        ("Earlier (90 %)", True),
        ("Later (90 %)", True),
        ("Change", True),
    ]
    cells: list[list[str]] = []
    starts = []
    for name, part in rows.groupby("quantity", sort=False):
        divisor, unit = quantity_unit(str(name), str(part["unit"].iloc[0]), part["later_p50"])
        starts.append(len(cells))
        names = [quantity_title(str(name)), unit]
        for position, row in enumerate(records(part)):
            spans = [_span(row, run, divisor) for run in ("earlier", "later")]
            label = names[position] if position < len(names) else ""
            cells.append([label, row["period"], *spans, f"{row['change_of_median']:+.1%}"])
    terminal(WIDTH).print(terminal_table(columns, cells, sections=starts, overflow="fold"))


def _span(row: dict[str, Any], run: str, divisor: float) -> str:
    from dashboards.labels import number

    middle, low, high = (number(row[f"{run}_{level}"] / divisor) for level in ("p50", "p05", "p95"))
    return f"{middle} ({low}-{high})"
