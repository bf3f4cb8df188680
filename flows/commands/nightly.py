"""`hbmcast nightly`: tonight's forecast."""

import os
from typing import Annotated

import typer

from flows.commands.options import StateOption
from flows.commands.output import note
from flows.runtime.settings import WITHDRAW_VARIABLE


def nightly(
    as_of: Annotated[
        str | None, typer.Option(help="Day, as 2024-12-31: only figures published by then exist.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Refit although nothing changed.")] = False,
    seed: Annotated[int | None, typer.Option(help="Root of every random stream.")] = None,
    draws: Annotated[int | None, typer.Option(help="Joint draws to simulate and store.")] = None,
    withdraw: Annotated[
        bool, typer.Option("--withdraw", help="Let figures go although many are missing at once.")
    ] = False,
    state: StateOption = None,
) -> None:
    """Make tonight's forecast: read figures, fit, simulate, check, say what moved, publish, report."""
    note("hbmcast: a night begins; Prefect starts first, which takes some seconds")
    from flows.server.run_now import run_once

    if withdraw:
        os.environ[WITHDRAW_VARIABLE] = "yes"

    raise typer.Exit(run_once(as_of=as_of, force=force, seed=seed, draws=draws, state=state))
