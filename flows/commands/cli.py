"""The command line `hbmcast`: a list of its commands, each in a file of its own.

Commands import what they need when they run, so that --help is quick.
"""

import sys

import typer

from flows.commands import scenario
from flows.commands.backtest import backtest
from flows.commands.doctor import doctor
from flows.commands.explain import explain
from flows.commands.figures import figures
from flows.commands.inbox import inbox
from flows.commands.init import init
from flows.commands.leave_out import leave_out
from flows.commands.nightly import nightly
from flows.commands.report import report
from flows.commands.schedule import schedule
from flows.commands.score import score
from flows.commands.scoreboard import scoreboard
from flows.commands.server import server
from flows.commands.show import show
from flows.commands.sql import sql
from flows.runtime.errors import HbmcastError
from warehouse.errors import WarehouseError

app = typer.Typer(
    name="hbmcast",
    help="Joint forecast of the HBM and CoWoS markets from published figures.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


for command in (
    nightly, schedule, server, show, sql, figures, report, doctor, backtest, scoreboard, score, explain, init,
    inbox,
):  # fmt: skip
    app.command()(command)
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
