"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from flows.commands.output import be_quiet_too

StateOption = Annotated[
    Path | None,
    typer.Option("--state", help="State folder; default: $HBMCAST_STATE, else `state` beside the code."),
]
FormatOption = Annotated[
    str | None,
    typer.Option(
        "--format",
        help="table, records, csv, json, ndjson, markdown, parquet, arrow or xlsx; default: what the suffix "
        "of --output says, else table.",
    ),
]
OutputOption = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", help="File to write instead; its suffix says the format: .csv, .xlsx, ..."
    ),
]
BomOption = Annotated[
    bool, typer.Option("--bom", help="Begin a CSV with a byte order mark, for Excel on Windows.")
]
QuietOption = Annotated[
    bool, typer.Option("--quiet", "-q", callback=be_quiet_too, help="The answer alone, without notes.")
]
