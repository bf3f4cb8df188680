"""Sharing the forecast served, after it is published: a fault there is told and harms nothing."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from flows.runtime.errors import HbmcastError, one_line
from flows.runtime.settings import Settings
from flows.runtime.shared_place import SharedFile, SharedRun, open_place, send, tidy, within_time
from flows.sources.licence import MARK, is_marked
from models.vocabulary.wording import first_few
from warehouse import layout
from warehouse.atomic import link_or_copy
from warehouse.frozen import sha256_of
from warehouse.served import licence_notes, served_files

MEGABYTE = 1e6


def share_served(settings: Settings, say: Callable[[str], object]) -> None:
    """Send the forecast served to the shared place of the settings. Raises nothing.

    Parameters
    ----------
    settings : Settings
    say : callable
        Told in one line what became of it.
    """
    try:
        run, sent = _shared(settings)
        say(f"shared at {settings.share}: {run.run_id}, {sent / MEGABYTE:,.0f} MB sent")
    except Exception as error:
        say(f"not shared, the next night tries again: {one_line(error)}")
        return
    try:
        store = open_place(settings.share, make=False)
        within_time(lambda: tidy(store, settings.share), settings.share)
    except Exception as error:
        say(f"earlier runs stay in the shared place: {one_line(error)}")


def _shared(settings: Settings) -> tuple[SharedRun, int]:
    """Send it; give the run and how many bytes were sent."""
    state, place = settings.state, settings.share
    served = served_files(state)
    if served is None:
        raise HbmcastError("no forecast is served yet")
    _refuse_marked(state)
    with ExitStack() as stack:
        # Second names, in the folder of the originals: what is published meanwhile does not change them.
        folder = Path(stack.enter_context(TemporaryDirectory(dir=layout.work_folder(state), prefix="share-")))
        held = {}
        for number, name in enumerate(served.files):
            held[name] = folder / f"{number}"
            link_or_copy(state / name, held[name])
        with ThreadPoolExecutor() as threads:
            hashes = list(threads.map(sha256_of, held.values()))
        files = tuple(
            SharedFile(name, digest, held[name].stat().st_size)
            for name, digest in zip(served.files, hashes, strict=True)
        )
        run = SharedRun(served.run_id, served.as_of.isoformat(), served.published_at.isoformat(), files)
        store = open_place(place, make=True)
        return run, within_time(lambda: send(store, run, held, place), place)


def _refuse_marked(state: Path) -> None:
    """Refuse a warehouse with rows that must not leave the house."""
    marked = [source for source, notes in licence_notes(state).items() if any(map(is_marked, notes))]
    if marked:
        named = first_few(marked, 3)
        raise HbmcastError(f"the warehouse holds what is marked {MARK} ({named}); it stays home")
