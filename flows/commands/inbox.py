"""`hbmcast inbox`: take in the files that were dropped, and say what became of each."""

import typer

from flows.commands.options import StateOption
from flows.runtime.errors import HbmcastError
from flows.runtime.journal import AlreadyRunning, one_run
from flows.runtime.preparation import prepare_state
from flows.runtime.settings import INBOX_VARIABLE, resolve


def inbox(state: StateOption = None) -> None:
    """Take in CSV, XLSX and Parquet files dropped into the inbox.

    The inbox is the folder that HBMCAST_INBOX names, else `inbox` in the state folder. Good rows inform
    the next night; the others go into `refused/` with the reason in a column `error`: mend them and drop the
    file again. Originals stay in `archive/`. Workbooks of another layout than a table need a recipe
    (`recipes/*.toml` in a folder of HBMCAST_DATA). Each night takes the inbox in by itself.
    """
    from flows.sources.readers import take_in_inbox

    settings = resolve(state=state)
    prepare_state(settings.state)
    folder = settings.inbox_folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with one_run(settings):
            outcomes = take_in_inbox(settings)
    except AlreadyRunning as running:
        raise HbmcastError(f"{running}", "It takes the inbox in, or the next night does") from None
    except OSError as error:
        raise HbmcastError(
            f"The inbox {folder} can't be used ({error.strerror or error})",
            f"Make it writable, or name another with {INBOX_VARIABLE}",
        ) from error
    for outcome in outcomes:
        print(outcome.line())
    if not outcomes:
        print(f"nothing waits in {folder}")
    if any(outcome.n_refused or outcome.refusal for outcome in outcomes):
        print(f"what was put aside, and why: {folder / 'refused'}")
        raise typer.Exit(1)
