"""`hbmcast scenario run` and `list`: scenarios on the forecast served, paired with it draw by draw."""

from datetime import date
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.commands.formats import chosen_format, write_rows
from flows.commands.options import FormatOption, OutputOption, QuietOption, StateOption
from flows.commands.output import note, terminal
from flows.commands.scenario_rows import asked_rows, scenario_rows, warn_of_history
from flows.commands.side_by_side import WIDTH, print_by_quantity
from flows.commands.staleness import note_staleness
from flows.runtime.errors import HbmcastError
from flows.runtime.preparation import prepare_environment, prepare_state
from flows.runtime.settings import SCENARIO_DRAWS, Settings, resolve

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from models.evidence.evidence import Evidence
    from models.inference.fit import Fit
    from models.systems.series import Series

# Series of a system nobody asked for that a terminal shows of those that a scenario moves by itself.
SHOWN_SERIES = 5

app = typer.Typer(
    help="Shocks to named drivers, compared with the forecast draw by draw.", no_args_is_help=True
)
FileOption = Annotated[
    Path | None, typer.Option("--file", help="CSV of scenarios in the format of data/scenarios.csv.")
]


@app.command("list")
def list_scenarios(
    file: FileOption = None,
    format: FormatOption = None,
    output: OutputOption = None,
    state: StateOption = None,
) -> None:
    """List the scenarios there are: those known to the forecast served, or those of a file."""
    from models.evidence.evidence import Evidence
    from warehouse.read import market_tables

    chosen = chosen_format(format, output)
    known = _known(state) if file is None else Evidence(**market_tables(resolve(state=state).state))
    rows = scenario_rows(file, known)
    shown = ["scenario", "title", "driver", "operation", "p05", "p95", "from_quarter", "to_quarter"]
    if chosen == "table" and output is None:
        _print_list(rows)
        return
    _write(rows[[*shown, "basis"]], chosen, output)


def _print_list(rows: "pd.DataFrame") -> None:
    """Print scenarios for a terminal of 80 columns: name and title, and below a line for each shock."""
    from models.vocabulary.rows import records

    console = terminal(WIDTH)
    for name, shocks in rows.groupby("scenario", sort=False):
        console.print(f"[bold]{name}[/bold]: {shocks['title'].iloc[0]}", highlight=False)
        for row in records(shocks):
            low, high = (f"{row[end]:g}" for end in ("p05", "p95"))
            size = low if low == high else f"{low} to {high} (90 %)"
            span = f"{row['from_quarter']} to {row['to_quarter']}"
            how = str(row["operation"]).replace("_", " ")
            shock = f"{row['driver']}: {how} {size}, {span}"
            lines = wrap(shock, console.width, initial_indent="  ", subsequent_indent="      ")
            console.print("\n".join(lines), markup=False, highlight=False)


@app.command("run")
def run(
    name: Annotated[
        str | None, typer.Argument(help="Name of the scenario; hbmcast scenario list has them.")
    ] = None,
    multiply: Annotated[
        list[str] | None,
        typer.Option(help="Instead of a name: DRIVER=FACTOR, or =LOW:HIGH (90 %). May stand several times."),
    ] = None,
    delay: Annotated[
        list[str] | None,
        typer.Option(help="DRIVER=QUARTERS, or =LOW:HIGH: a driver, a product, its class, a maker of HBM."),
    ] = None,
    first: Annotated[
        str, typer.Option("--from", help="First quarter, as 2027Q1; as_of+0: what remains of this one.")
    ] = "as_of+0",
    last: Annotated[
        str | None, typer.Option("--to", help="Last quarter; default: that of the forecast.")
    ] = None,
    ramp: Annotated[int, typer.Option(help="Quarters until a shock has its size; 0: at once.")] = 0,
    file: FileOption = None,
    systems: Annotated[
        str, typer.Option(help="Systems to compare as well, as equipment,materials; or all.")
    ] = "",
    quarters: Annotated[bool, typer.Option("--quarters", help="Quarters too, not only years.")] = False,
    every: Annotated[
        bool,
        typer.Option(
            "--every", help="Every quantity, and every series of a system that the scenario moves itself."
        ),
    ] = False,
    draws: Annotated[int, typer.Option(help="Pairs of draws.")] = SCENARIO_DRAWS,
    format: FormatOption = None,
    output: OutputOption = None,
    quiet: QuietOption = False,
    state: StateOption = None,
) -> None:
    """Run a scenario on the posterior of the forecast served, paired with it draw by draw.

    One of the evidence by its name, or one put together here: --multiply hbm_server_penetration=1.1 --from
    2027Q1, --delay samsung=2, --delay nvidia_rubin=1:3.
    """
    chosen = chosen_format(format, output)
    note(f"reading the posterior, and drawing {draws} futures twice: some ten seconds")
    from models.scenarios.run import moved_systems, run_scenario
    from models.vocabulary.quantities import HEADLINES

    asked_for = _functions(systems)
    functions = list(asked_for)
    settings, known, fit = _served(state)
    rows = asked_rows(name, multiply or [], delay or [], (first, last, ramp), file, known)
    warn_of_history(rows, fit.problem.as_of)
    quantities = None if every else HEADLINES
    functions += [system for system in moved_systems(rows) if system not in functions]
    try:
        table = run_scenario(
            fit.problem,
            fit.flat(),
            rows,
            draws,
            settings.seed,
            functions,
            # Of all figures once more, which takes a moment; the chain alone wants none.
            _evidence(known) if functions else None,
            quantities,
        )
    except ValueError as error:
        raise HbmcastError(str(error), "Mend the scenario's rows, or give another --draws") from error
    if not quarters:
        table = table[table["period_kind"] == "year"]
    if chosen == "table" and output is None:
        # What a terminal has room for; files hold all.
        shown = table[table["period"] >= str(fit.problem.as_of.year)]
        names = [function.__name__ for function in functions if every or function in asked_for]
        shown, left_out = headline_first(shown, names)
        print_by_quantity(shown, "base_p50", ("Without", "With", "Change in % (90 %)", "P(lower)"), _cells)
        if left_out:
            note(left_out)
    else:
        _write(table.drop(columns=["scenario", "period_kind"]), chosen, output)
    name = rows["scenario"].iloc[0]
    note(
        f"scenario {name} on the forecast as of {fit.problem.as_of}, {draws} pairs of draws; "
        "difference and relative are quantiles over the same draw with and without the shocks"
    )
    note_staleness(settings.state, topics=True)


def headline_first(table: "pd.DataFrame", asked_for: "Sequence[str]") -> "tuple[pd.DataFrame, str]":
    """Keep quantities of the chain, all series of systems asked for, and of others those moved most.

    Returns
    -------
    shown : DataFrame
    left_out : str
        How many series of which systems are not shown, and how they are; '' where all are.
    """
    import pandas as pd

    from models.scenarios.run import most_moved

    system = table["quantity"].str.extract("^([^/]*)/", expand=False).fillna("")
    is_wanted = system.isin(["", *asked_for])
    few = most_moved(table[~is_wanted], SHOWN_SERIES)
    shown = [table[is_wanted], *(table[table["quantity"] == name] for name in few)]
    more = set(table.loc[~is_wanted, "quantity"]).difference(few)
    names = ", ".join(dict.fromkeys(system[~is_wanted]))
    left_out = f"of {names} what moves most; --every shows {len(more)} more series" if more else ""
    return pd.concat(shown), left_out


def _cells(row: dict[str, Any], divisor: float) -> list[str]:
    from dashboards.labels import number

    medians = [number(row[f"{run}_p50"] / divisor) for run in ("base", "scenario")]
    middle, low, high = (f"{row[f'relative_{level}']:+.1%}"[:-1] for level in ("p50", "p05", "p95"))
    return [*medians, f"{middle} ({low} to {high})", f"{row['probability_lower']:.0%}"]


def _functions(systems: str) -> "list[Callable[..., list[Series]]]":
    from models.systems.registry import system_function, system_named
    from models.vocabulary.systems import SYSTEM_NAMES

    names = (name.strip() for name in systems.split(",") if name.strip())
    chosen = SYSTEM_NAMES if systems == "all" else tuple(names)
    if unknown := [name for name in chosen if name not in SYSTEM_NAMES]:
        listed = ", ".join(SYSTEM_NAMES)
        raise HbmcastError(f"no system {', '.join(unknown)}", f"Use all, or some of {listed}")
    return [system_function(system_named(name)) for name in chosen]


def _served(state: Path | None) -> "tuple[Settings, Evidence, Fit]":
    """Load settings with the seed of the run served, the evidence of its day, and its posterior."""
    from dataclasses import replace

    from flows.night.posterior import load_fit
    from warehouse.read import latest_run

    settings = resolve(state=state)
    prepare_environment(settings.state)
    prepare_state(settings.state)
    fit, known = load_fit(settings)
    row = latest_run(settings.state) or {}
    return replace(settings, seed=int(str(row.get("seed") or settings.seed))), known, fit


def _known(state: Path | None) -> "Evidence":
    """Evidence of the day of the run served, without its posterior."""
    from flows.runtime.evidence import evidence_of
    from warehouse.read import latest_run

    folder = resolve(state=state).state
    row = latest_run(folder)
    if row is None:
        raise HbmcastError("no forecast is served yet", "Run `hbmcast nightly` first")
    return evidence_of(folder, date.fromisoformat(str(row["as_of"])))


def _evidence(known: "Evidence") -> "Evidence":
    from models.inference.from_evidence import resolved_figures
    from models.systems.run import system_evidence

    return system_evidence(known, resolved_figures(known))


def _write(frame: "pd.DataFrame", format: str, output: Path | None) -> None:
    import pyarrow as pa

    write_rows(pa.Table.from_pandas(frame, preserve_index=False), format, output)
