"""Two machines that start a night on one folder in the same moment: one of them gives way.

Where the folder keeps no locks between them, both find it free before either has written its page of the
journal. So each looks again once its own page is there: whoever wrote later sees the other, whatever their
clocks say.
"""

import time
from pathlib import Path

from flows.runtime import journal
from flows.runtime.journal import AlreadyRunning, Entry
from warehouse import layout

# A run leaves its first stage, or gives way, within a second or two; one that does neither died just now.
PATIENCE_SECONDS, PAUSE_SECONDS = 30.0, 0.2


def stay_alone(state: Path, mine: Entry) -> None:
    """Give way to a run of another machine that has begun, or that comes first of those about to.

    Parameters
    ----------
    state : Path
    mine : Entry
        As it was just written.

    Raises
    ------
    AlreadyRunning
        This run gives way; its page is gone.
    """
    last = time.monotonic() + PATIENCE_SECONDS
    while others := journal.living_elsewhere(state):
        for other in others:
            if other.stage != mine.stage or _place(other) < _place(mine):
                # Left there it would be taken for a run that lives, and then for one that died.
                layout.journal_file(state, mine.run_id).unlink(missing_ok=True)
                raise AlreadyRunning(journal.line(other))
        if time.monotonic() > last:
            return
        # They come after this one: either they give way, or looked before its page was there and go on.
        time.sleep(PAUSE_SECONDS)


def _place(entry: Entry) -> tuple[str, str, str]:
    """Order runs alike on every machine."""
    return entry.started_at, entry.run_id, entry.host
