"""The command line `hbmcast`: a list of its commands, each in a file of its own.

Commands import what they need when they run, so that --help is quick.
"""

import re
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from flows.commands import scenario
from flows.commands.app import app as review_app
from flows.commands.backtest import backtest
from flows.commands.claim import claim
from flows.commands.compare import compare
from flows.commands.doctor import doctor
from flows.commands.explain import explain
from flows.commands.export import export
from flows.commands.fetch import fetch
from flows.commands.figures import figures
from flows.commands.inbox import inbox
from flows.commands.init import init
from flows.commands.leave_out import leave_out
from flows.commands.nightly import nightly
from flows.commands.output import be_quiet
from flows.commands.press import press
from flows.commands.report import report
from flows.commands.review import review
from flows.commands.schedule import schedule
from flows.commands.score import score
from flows.commands.scoreboard import scoreboard
from flows.commands.server import server
from flows.commands.show import show
from flows.commands.sql import sql
from flows.runtime.errors import HbmcastError
from warehouse.errors import WarehouseError

COMMENT = re.compile(r"--[\w-]*\s", re.ASCII)


class Stopped(Exception):
    """A command was ended from outside: its cause says how."""


class Commands(TyperGroup):
    """The commands; a closed pipe and Ctrl-C are told to `flows.commands.start`: typer keeps them quiet."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Take a query that begins with a comment for what it is: no option has a blank in its name."""
        return super().parse_args(ctx, [f" {arg}" if COMMENT.match(arg) else arg for arg in args])

    def invoke(self, ctx: Any) -> Any:
        """Invoke the command of a context.

        Raises
        ------
        Stopped
            The reader of a pipe went away, or Ctrl-C was pressed.
        """
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result
        except (BrokenPipeError, KeyboardInterrupt) as error:
            raise Stopped from error


app = typer.Typer(
    cls=Commands,
    name="hbmcast",
    help="Joint forecast of the HBM and CoWoS markets from published figures.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import PackageNotFoundError, version

        try:
            print(f"hbmcast {version('hbmcast')}")
        except PackageNotFoundError:
            print("hbmcast, from a folder: not installed, so without a version")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version and stop.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", callback=be_quiet, help="Answers alone, without notes.")
    ] = False,
) -> None:
    """Joint forecast of the HBM and CoWoS markets from published figures."""


for command in (
    nightly, schedule, server, show, compare, claim, sql, export, figures, report, doctor, backtest,
    scoreboard, score, explain, init, inbox, press, review, fetch,
):  # fmt: skip
    app.command()(command)
app.command(name="app")(review_app)
app.add_typer(scenario.app, name="scenario")
app.command(name="leave-out")(leave_out)


def run() -> int:
    """Run the command line.

    Returns
    -------
    int
        Exit code. An error we know is said on standard error, with its remedy.

    Raises
    ------
    BrokenPipeError, KeyboardInterrupt
        The reader went away, or somebody pressed Ctrl-C.
    """
    try:
        app(prog_name="hbmcast")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except Stopped as stopped:
        raise (stopped.__cause__ or stopped) from None
    except (HbmcastError, WarehouseError) as error:
        print(f"hbmcast: {error}", file=sys.stderr)
        return 1
    return 0


def main() -> None:
    """Run the command line and end the process."""
    from flows.commands import start

    start.main()


if __name__ == "__main__":
    main()
