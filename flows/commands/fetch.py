"""`hbmcast fetch`: bring the forecast that others share into a state folder of this machine."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands.options import StateOption
from flows.runtime.errors import HbmcastError
from flows.runtime.preparation import check_state
from flows.runtime.settings import state_folder

if TYPE_CHECKING:
    from flows.runtime.shared_place import SharedRun


def fetch(
    place: Annotated[
        str,
        typer.Argument(
            help="Folder, or s3://BUCKET/PREFIX; default: $HBMCAST_SHARE.", envvar="HBMCAST_SHARE"
        ),
    ],
    draws: Annotated[
        bool, typer.Option("--draws/--no-draws", help="Joint draws too: claims and joint queries need them.")
    ] = True,
    state: StateOption = None,
) -> None:
    """Bring the forecast that others share into the state folder; every command that reads works on it.

    What was fetched before is served until all of the new one is there.
    """
    from flows.runtime.fetched import bring
    from flows.runtime.shared_place import check_place, open_place, within_time

    folder, address = state_folder(state), check_place(place)
    check_state(folder)
    if "://" not in address and not Path(address).is_dir():
        raise HbmcastError(f"{address}: there is no such folder", "Mount it, or mend the path")
    store = open_place(address, make=False)
    run, brought = within_time(lambda: bring(store, address, folder, draws), address)
    print(_words(run, folder, brought), file=sys.stderr)


def _words(run: "SharedRun", folder: Path, brought: int) -> str:
    return (
        f"{run.run_id} as of {run.as_of}, {brought / 1e6:,.0f} MB brought to {folder}; look with hbmcast show"
    )
