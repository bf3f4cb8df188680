"""The review queue on disk: one file a proposal, decided or waiting; none is ever deleted.

A proposal that was decided stays, so that the next reading of the same page does not ask again.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from flows.runtime.errors import HbmcastError
from models.evidence.proposals import Decision, Entry, Proposal, as_record, from_record
from warehouse.atomic import written_whole
from warehouse.layout import review_folder


@dataclass(frozen=True)
class Queue:
    """What the queue holds.

    Attributes
    ----------
    entries : tuple of Entry
        Waiting and decided, the oldest first.
    unreadable : tuple of str
        Files that are none, each with why.
    """

    entries: tuple[Entry, ...] = ()
    unreadable: tuple[str, ...] = ()

    @property
    def waiting(self) -> tuple[Entry, ...]:
        """Those that nobody has decided."""
        return tuple(entry for entry in self.entries if entry.waits)


def listed(state: Path) -> Queue:
    """Read the queue.

    Parameters
    ----------
    state : Path
        State folder.

    Returns
    -------
    Queue
    """
    entries, unreadable = [], []
    for path in sorted(review_folder(state).glob("*.json")):
        try:
            entries.append(from_record(json.loads(path.read_text(encoding="utf-8"))))
        except (OSError, ValueError, AttributeError) as error:
            unreadable.append(f"{path}: {error}")
    return Queue(
        tuple(sorted(entries, key=lambda e: (e.queued_at, e.proposal.proposal_id))), tuple(unreadable)
    )


def add(state: Path, proposals: Iterable[Proposal]) -> list[Entry]:
    """Queue proposals that were never queued before, whatever was decided then.

    Parameters
    ----------
    state : Path
    proposals : iterable of Proposal

    Returns
    -------
    list of Entry
        The new ones.
    """
    folder, now = review_folder(state), _now()
    folder.mkdir(parents=True, exist_ok=True)
    new = []
    for proposal in proposals:
        path = folder / f"{proposal.proposal_id}.json"
        if not path.exists():
            new.append(Entry(proposal=proposal, queued_at=now))
            _write(path, new[-1])
    return new


def find(state: Path, proposal_id: str) -> Entry:
    """Return an entry by its name, or by the beginning of it that only one has.

    Raises
    ------
    HbmcastError
        None or several have it.
    """
    queue = listed(state)
    found = [e for e in queue.entries if proposal_id and e.proposal.proposal_id.startswith(proposal_id)]
    if len(found) != 1:
        waiting = ", ".join(e.proposal.proposal_id for e in queue.waiting[:5]) or "nothing"
        raise HbmcastError(
            f"{'No' if not found else 'More than one'} proposal is called {proposal_id!r}",
            f"hbmcast review --list shows what waits: {waiting}",
        )
    return found[0]


def undecided(state: Path, proposal_id: str) -> Entry:
    """Return an entry that waits, by its name or the beginning of it.

    Raises
    ------
    HbmcastError
        There is no such proposal, or somebody decided before.
    """
    entry = find(state, proposal_id)
    if entry.decision is not None:
        told = f": {entry.decision.reason}" if entry.decision.reason else ""
        raise HbmcastError(
            f"{entry.proposal.proposal_id} was {entry.decision.verdict} by {entry.decision.who} "
            f"on {entry.decision.decided_at[:10]}{told}",
            "A decision stands; what came in wrong is mended in the folder of own evidence",
        )
    return entry


def decide(state: Path, proposal_id: str, decision: Decision) -> Entry:
    """Keep a person's decision.

    Parameters
    ----------
    state : Path
    proposal_id : str
        As `find` takes it.
    decision : Decision

    Returns
    -------
    Entry
        As it stands now.

    Raises
    ------
    HbmcastError
        There is no such proposal, or somebody decided before.
    """
    entry = undecided(state, proposal_id)
    decided = replace(entry, decision=decision)
    _write(review_folder(state) / f"{entry.proposal.proposal_id}.json", decided)
    return decided


def _write(path: Path, entry: Entry) -> None:
    with written_whole(path) as unfinished:
        unfinished.write_text(
            json.dumps(as_record(entry), ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
        )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
