"""`hbmcast press`: read press pages now, and queue the figures that their sentences propose."""

from dataclasses import replace
from typing import Annotated

import typer

from flows.commands.options import StateOption
from flows.runtime.door_settings import PRESS_VARIABLE
from flows.runtime.errors import HbmcastError
from flows.runtime.journal import AlreadyRunning, one_run
from flows.runtime.preparation import prepare_state
from flows.runtime.settings import resolve


def press(
    feeds: Annotated[
        list[str] | None,
        typer.Argument(help="Names from feeds.csv, or `all`; default: what HBMCAST_PRESS says."),
    ] = None,
    state: StateOption = None,
) -> None:
    """Read press pages now; what they say waits in `hbmcast review`.

    Feeds and lists of pages are rows of `feeds.csv`, in the base or in a folder of HBMCAST_DATA. Pages that
    are new or changed are read; each number of a sentence that means one metric becomes a proposed row of
    figures, with empty cells where the sentence leaves something open. Nothing of it informs a forecast
    before a person accepted it. A night does the same where HBMCAST_PRESS names feeds (or is `all`). The
    server is told who asks: HBMCAST_CONTACT. Exit code 1 when a feed or page could not be read.
    """
    from flows.sources.press_proposals import press_from_folders

    settings = resolve(state=state)
    doors = replace(settings.doors, press=tuple(feeds or settings.doors.press))
    settings = replace(settings, doors=doors)
    if not doors.press:
        raise HbmcastError(
            "No feeds of press pages are named",
            f"hbmcast press all, or names from feeds.csv, or {PRESS_VARIABLE}=all for every night",
        )
    prepare_state(settings.state)
    try:
        with one_run(settings):
            found = press_from_folders(settings)
    except AlreadyRunning as running:
        raise HbmcastError(f"{running}", "It reads them, or the next night does") from None
    for note in found.notes:
        print(note)
    if found.faults:
        raise typer.Exit(1)
