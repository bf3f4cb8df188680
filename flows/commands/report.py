"""`hbmcast report`: the HTML report of a run, written again, or one picture of it."""

from pathlib import Path
from typing import Annotated

import typer

from flows.commands.options import StateOption
from flows.runtime.preparation import check_state, prepare_environment
from flows.runtime.settings import state_folder


def report(
    run: Annotated[str | None, typer.Option("--run", help="Run id; default: the latest published.")] = None,
    picture: Annotated[
        Path | None, typer.Option("--picture", help="Write the headline's fans to this SVG instead.")
    ] = None,
    state: StateOption = None,
) -> None:
    """Write the HTML report of a run and say where it is."""
    folder = state_folder(state)
    check_state(folder)
    prepare_environment(folder)
    if picture is not None:
        from dashboards.picture import write_picture

        print(write_picture(folder, picture, run))
        return
    from dashboards.report import write_report

    print(write_report(folder, run))
