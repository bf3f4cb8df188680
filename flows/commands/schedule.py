"""`hbmcast schedule`: the nightly by the clock."""

from typing import Annotated

import typer

from flows.commands.options import StateOption


def schedule(
    cron: Annotated[str, typer.Option(help="When to run, in cron's five fields.")] = "0 2 * * *",
    timezone: Annotated[
        str | None,
        typer.Option(
            help="Time zone of the cron times and of the as-of day, as Europe/Berlin; "
            "default: HBMCAST_TIMEZONE, else UTC."
        ),
    ] = None,
    draws: Annotated[int | None, typer.Option(help="Joint draws to simulate and store.")] = None,
    state: StateOption = None,
) -> None:
    """Run the nightly by the clock, against a running Prefect server; stays in the foreground."""
    from flows.server.schedule import serve_nightly

    serve_nightly(cron=cron, timezone=timezone, draws=draws, state=state)
