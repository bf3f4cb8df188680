"""The command line `hbmcast`. Commands import what they need when they run, so that --help is quick."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from flows.commands import scenario
from flows.commands.backtest import backtest
from flows.commands.explain import explain
from flows.commands.leave_out import leave_out
from flows.commands.options import FormatOption, StateOption
from flows.commands.score import score
from flows.runtime.errors import HbmcastError
from warehouse.errors import WarehouseError

app = typer.Typer(
    name="hbmcast",
    help="Joint forecast of the HBM and CoWoS markets from published figures.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@app.command()
def nightly(
    as_of: Annotated[
        str | None, typer.Option(help="Day, as 2024-12-31: only figures published by then exist.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Refit although nothing changed.")] = False,
    seed: Annotated[int | None, typer.Option(help="Root of every random stream.")] = None,
    draws: Annotated[int | None, typer.Option(help="Joint draws to simulate and store.")] = None,
    state: StateOption = None,
) -> None:
    """Make tonight's forecast: read figures, fit, simulate, check, publish, report."""
    from flows.server.run_now import run_once

    raise typer.Exit(run_once(as_of=as_of, force=force, seed=seed, draws=draws, state=state))


@app.command()
def schedule(
    cron: Annotated[str, typer.Option(help="When to run, in cron's five fields.")] = "0 2 * * *",
    timezone: Annotated[str, typer.Option(help="Time zone of the cron times, as Europe/Berlin.")] = "UTC",
    draws: Annotated[int | None, typer.Option(help="Joint draws to simulate and store.")] = None,
    state: StateOption = None,
) -> None:
    """Run the nightly by the clock, against a running Prefect server; stays in the foreground."""
    from flows.server.schedule import serve_nightly

    serve_nightly(cron=cron, timezone=timezone, draws=draws, state=state)


@app.command()
def server(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 4200,
    state: StateOption = None,
) -> None:
    """Start the Prefect server with its database in the state folder and telemetry off."""
    from flows.server.schedule import start_server

    start_server(host=host, port=port, state=state)


@app.command()
def show(
    run: Annotated[str | None, typer.Option("--run", help="Run id; default: the latest published.")] = None,
    state: StateOption = None,
) -> None:
    """Show the headline table: medians, 50 % and 90 % intervals per year, and what binds."""
    from flows.commands.show import show_headline

    show_headline(state=state, run_id=run)


@app.command()
def sql(
    query: Annotated[str, typer.Argument(help='SQL, read-only; "-" reads it from standard input.')],
    format: FormatOption = "table",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File to write instead.")] = None,
    state: StateOption = None,
) -> None:
    """Ask the published forecast a question in SQL."""
    from flows.commands.output import answer_sql

    answer_sql(sys.stdin.read() if query == "-" else query, format=format, output=output, state=state)


@app.command()
def figures(
    audit: Annotated[bool, typer.Option("--audit", help="Count what is in, used, not used and why.")] = False,
    format: FormatOption = "table",
    state: StateOption = None,
) -> None:
    """Say what became of the published figures."""
    from flows.commands.figures import show_figures

    show_figures(audit=audit, format=format, state=state)


@app.command()
def report(
    run: Annotated[str | None, typer.Option("--run", help="Run id; default: the latest published.")] = None,
    state: StateOption = None,
) -> None:
    """Write the HTML report of a run and say where it is."""
    from flows.commands.output import write_report_of

    write_report_of(run, state=state)


@app.command()
def doctor(state: StateOption = None) -> None:
    """Say what is wrong with this installation or state folder, and how to mend it."""
    from flows.commands.doctor import examine

    raise typer.Exit(examine(state))


app.command()(backtest)
app.command()(score)
app.command()(explain)
app.add_typer(scenario.app, name="scenario")
app.command(name="leave-out")(leave_out)


def main() -> None:
    """Run the command line; an error we know is said on standard error, with its remedy, and exit code 1."""
    try:
        app()
    except (HbmcastError, WarehouseError) as error:
        print(f"hbmcast: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("hbmcast: interrupted", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:
        # The reader (head, less) went away; that is no fault.
        sys.stderr.close()
        sys.exit(0)


if __name__ == "__main__":
    main()
