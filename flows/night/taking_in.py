"""The stage that takes evidence in: what the doors give is checked, and good rows go into the warehouse."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from flows.night.clock import refuse_clock_gone_back
from flows.night.private import without_private_names
from flows.night.record import Night
from flows.runtime.errors import SourceError, one_line
from flows.runtime.progress import Report
from flows.runtime.settings import WITHDRAW_VARIABLE, Settings

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from flows.sources.judged import InForce
    from models.evidence.validation import Validated


def ingest(settings: Settings, night: Night, report: Report) -> Night:
    """Read the evidence, put aside what can't be used, and take the rest into the warehouse.

    Parameters
    ----------
    settings, night, report : see `flows.night.record.Stage`

    Raises
    ------
    SourceError
        A table is missing, or can't be used, without which no row can be judged.
    RunRefused
        The clock is behind the day of the forecast served.
    """
    from flows.night.second_look import look_twice
    from flows.sources.judged import all_rejected, in_force, judged
    from flows.sources.licence import private_sources, split_by_licence, split_rejected
    from flows.sources.own_rows import remember
    from flows.sources.readers import read_all, take_in_inbox
    from warehouse.ingest import ingest as take_in
    from warehouse.private import take_in_private

    refuse_clock_gone_back(settings)
    report(0.05, "inbox")
    dropped = tuple(outcome.line() for outcome in take_in_inbox(settings))
    report(0.1, "reading files")
    raw = read_all(settings)
    report(0.3, "checking rows")
    before = in_force(settings.state)
    validated = judged(raw, before, settings.today)
    if validated.fatal:
        raise SourceError("; ".join(validated.fatal), "Mend the file named; nothing was changed")
    report(0.5, "a second look")
    marked = private_sources(raw)
    apart = split_by_licence(validated.accepted, marked)
    unfit = _unfit(settings, before, validated)
    # The queue of what waits is shown to whoever reviews: what is private is judged by its checks alone.
    looked = look_twice(settings, raw, before, replace(validated, accepted=apart.shown))
    validated = looked.validated
    rejected, aside = split_rejected(
        raw, marked, all_rejected(raw, validated.rejected), (*settings.overlays, settings.inbox_folder)
    )
    report(0.6, "taking in")
    accepted = {name: raw.placed(frame) for name, frame in validated.accepted.items()}
    unfit = sorted({*unfit, *looked.withdrawn})
    at, many = datetime.now(UTC), settings.withdraw_many
    # First what is private: a figure that is to be private from now on is never in neither place.
    private = {name: raw.placed(frame) for name, frame in apart.private.items()}
    take_in_private(settings.state, private, aside, night.run_id, at, unfit, many)
    gone = {*unfit, *private["figures"]["figure_id"], *marked}
    done = take_in(settings.state, accepted, rejected, night.run_id, at, sorted(gone), many)
    remember(raw, settings.overlays, settings.state)
    words = (
        f"{len(accepted['figures'])} figures accepted, {done.rejected + len(aside)} rows put aside; "
        f"{done.new} rows new, {done.changed} changed, {done.withdrawn} withdrawn"
    )
    notes = [*dropped, *raw.notes, words, *looked.notes, *_idle(settings.state, before, accepted)]
    notes += _besides(len(private["figures"]), len(validated.read_as), unfit, done.withheld)
    report(0.9, "press pages")
    notes += _press_notes(settings, validated.accepted)
    return replace(night, notes=(*night.notes, *without_private_names(settings.state, notes)))


def _besides(n_private: int, n_read_as: int, unfit: Sequence[str], n_withheld: int) -> list[str]:
    """Say what of the evidence is not as plain as a row taken in."""
    told = (
        (n_private, f"{n_private} private figures besides: they inform, and no page or export has them"),
        (n_read_as, f"{n_read_as} cells read in another form than printed: figures --audit lists them"),
        (len(unfit), f"figures in force that no longer pass, withdrawn: {', '.join(unfit)}"),
        (
            n_withheld,
            f"{n_withheld} figures or sources are gone from the evidence, too many at once: they stay in "
            f"force; if that is meant, run once with {WITHDRAW_VARIABLE}=yes",
        ),
    )
    return [words for n, words in told if n]


def _press_notes(settings: Settings, accepted: "dict[str, pd.DataFrame]") -> list[str]:
    """Queue what press pages propose; nothing about them stops a night."""
    if not settings.doors.press:
        return []
    try:
        from flows.sources.press_proposals import propose_from_press

        return propose_from_press(settings, accepted).notes
    except Exception as error:
        return [f"press pages were not read: {one_line(error)}"]


def _idle(state: "Path", before: "InForce", accepted: "dict[str, pd.DataFrame]") -> list[str]:
    """Say which of tonight's new figures inform nothing; on a first night how many of all do."""
    from models.evidence.idle import idle_figures, idle_words
    from warehouse.read import figures_of_systems

    known = set(before["figures"]["figure_id"]) if before else set()
    new = set(accepted["figures"]["figure_id"]) - known
    idle = idle_figures(accepted, new, figures_of_systems(state))
    if not before:
        return [
            f"{len(new):,} published figures taken in: {len(new) - len(idle):,} of them inform the forecast, "
            "the others are kept beside it (figures --audit says why)"
        ]
    words = idle_words(idle, len(new))
    return [f"new tonight: {words} (figures --audit lists them)"] if words else []


def _unfit(settings: Settings, before: "InForce", validated: "Validated") -> list[str]:
    """Figures that tonight's rows don't give and whose version in force passes no longer."""
    if not before:
        return []
    from models.evidence.in_force import unfit_in_force

    return sorted(set(unfit_in_force(before, validated, settings.today)["figure_id"]))
