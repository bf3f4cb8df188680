"""`hbmcast server`: a Prefect server with its files in the state folder."""

from typing import Annotated

import typer

from flows.commands.options import StateOption


def server(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 4200,
    state: StateOption = None,
) -> None:
    """Start the Prefect server with its database in the state folder and telemetry off."""
    from flows.server.schedule import start_server

    start_server(host=host, port=port, state=state)
