"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

StateOption = Annotated[
    Path | None,
    typer.Option("--state", help="State folder; default: $HBMCAST_STATE, else `state` beside the code."),
]
FormatOption = Annotated[str, typer.Option("--format", help="table, csv, json, parquet or markdown.")]
