"""The second look at what came in tonight: surprising rows wait for a person, or inform with a flag.

Each figure that is new or changed is held against what the forecast served expected of it and against its
neighbours (`models.evidence.second_look`). What is found goes to the review queue. A row whose decision
stands is never asked about again: accepted it informs, rejected it does not.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from flows.night.expected import expected
from flows.runtime.settings import WAIT, Settings
from flows.sources import review_queue
from flows.sources.raw import RawEvidence
from models.evidence.checks.rates import is_confirmed
from models.evidence.mapping import resolve
from models.evidence.moved import as_text
from models.evidence.proposals import CELLS, REJECTED, Entry, Page, Proposal
from models.evidence.second_look import second_look, surprise
from models.vocabulary.rows import records
from models.vocabulary.units import VALUE_COLUMNS

if TYPE_CHECKING:
    from flows.sources.judged import InForce
    from models.evidence.validation import Validated

SURPRISING: Final = 0.005
"""A figure that was to lie so far out, or farther, with less than this probability is looked at twice."""
_SOURCE: Final = (
    *("publisher", "relayed_by", "title", "url"),
    *("published_on", "published_precision", "accessed_on"),
)


@dataclass(frozen=True)
class SecondLook:
    """What a second look did.

    Attributes
    ----------
    validated : Validated
        Evidence without the rows that wait or were rejected; those are put aside, with their remedy.
    withdrawn : frozenset of str
        Figures in force that a person rejected since.
    notes : tuple of str
    """

    validated: "Validated"
    withdrawn: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()


def look_twice(settings: Settings, raw: RawEvidence, before: "InForce", validated: "Validated") -> SecondLook:
    """Look twice at tonight's figures.

    Parameters
    ----------
    settings : Settings
        `surprises` says whether what is surprising waits.
    raw : RawEvidence
    before : dict of DataFrame
        What is in force; nothing before a first night, which has nothing to compare with.
    validated : Validated
        Its rows counted over records, as `flows.sources.judged.judged` leaves them.

    Returns
    -------
    SecondLook
    """
    queued = {e.proposal.proposal_id: e for e in review_queue.listed(settings.state).entries}
    known = [e.proposal.figure_id for e in queued.values() if e.proposal.figure_id]
    accepted = validated.accepted["figures"]
    fresh = _fresh_ids(accepted, before)
    looked_at = accepted[accepted["figure_id"].isin([*fresh, *known])]
    if looked_at.empty:
        return SecondLook(validated)
    offered = {p.figure_id: p for p in _proposals(looked_at, raw, validated)}
    new = [p for name, p in offered.items() if name in fresh and p.proposal_id not in queued]
    found = _findings(settings, new, validated) if before else {}
    added = review_queue.add(
        settings.state,
        [replace(p, why_it_waits=found[p.figure_id]) for p in new if p.figure_id in found],
    )
    entries = {e.proposal.figure_id: e for e in [*_fitting(queued, offered.values()), *added]}
    held = {name: entry for name, entry in entries.items() if _is_held(entry, settings, name in fresh)}
    # A number that was never in force leaves the one before it as it was.
    withdrawn = frozenset(name for name in held if name not in fresh) if before else frozenset()
    return SecondLook(_without(validated, held, looked_at), withdrawn, tuple(_notes(settings, added, held)))


def _fresh_ids(accepted: pd.DataFrame, before: "InForce") -> set[str]:
    """Figures that are new, or say something else than what is in force."""
    if not before:
        return set()
    old = {row["figure_id"]: _cells(row) for row in records(before["figures"])}
    return {row["figure_id"] for row in records(accepted) if old.get(row["figure_id"]) != _cells(row)}


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple("" if pd.isna(row[name]) else as_text(_number(row[name])) for name in CELLS)


def _number(cell: Any) -> Any:
    return float(cell) if isinstance(cell, int) else cell


def _proposals(looked_at: pd.DataFrame, raw: RawEvidence, validated: "Validated") -> Iterator[Proposal]:
    """Give rows as proposals, with their publication."""
    sources = {row["source_id"]: row for row in records(validated.accepted["sources"])}
    for row in records(looked_at):
        if is_confirmed(str(row["note"])):
            continue
        source = sources[row["source_id"]]
        file, line = raw.place(str(row["file"]), int(row["row"]))
        yield Proposal(
            page=Page(**{name: str(source[name]) for name in _SOURCE}),
            sentence="",
            **dict(zip(CELLS, _cells(row), strict=True)),
            **{name: str(row[name]) for name in ("figure_id", "source_id", "origin_id", "definition")},
            file=f"{file} row {line}",
            why_it_waits="",
        )


def _findings(settings: Settings, proposals: list[Proposal], validated: "Validated") -> dict[str, str]:
    """Say of each surprising figure what is surprising."""
    if not proposals:
        return {}
    accepted = validated.accepted
    mapped = resolve(accepted["figures"], accepted["metrics"])
    names = [p.figure_id for p in proposals]
    doubts: dict[str, list[str]] = {}
    for row in records(second_look(mapped, accepted["exchange_rates"], accepted["sources"], names)):
        doubts.setdefault(row["figure_id"], []).append(f"{row['finding']} ({row['beside']})")
    informing = set(mapped.loc[mapped["mapped"].astype(bool), "figure_id"])
    asked = [p for p in proposals if p.figure_id in informing]
    for proposal, row in zip(asked, expected(settings, asked), strict=True):
        if words := surprise_words(row):
            doubts.setdefault(proposal.figure_id, []).insert(0, words)
    return {name: "; ".join(said) for name, said in doubts.items()}


def surprise_words(row: Mapping[str, Any]) -> str:
    """Say how surprising a figure is by `flows.night.expected.expected`; '' where it is not."""
    if "predicted_p50" not in row or (chance := surprise(row)) >= SURPRISING:
        return ""
    expectation = f"{row['predicted_p50']:.4g} ({row['predicted_p05']:.4g} to {row['predicted_p95']:.4g})"
    less = f"{chance:.1%}" if chance >= 0.001 else "less than 0.1%"
    return f"expected was {expectation} {row['unit']}; so far out with a probability of {less}"


def _fitting(queued: Mapping[str, Entry], offered: Iterable[Proposal]) -> Iterator[Entry]:
    """Entries about the rows as they stand: what was said of another number of a figure says nothing."""
    for proposal in offered:
        if (entry := queued.get(proposal.proposal_id)) is not None:
            yield entry


def _is_held(entry: Entry, settings: Settings, is_fresh: bool) -> bool:
    if entry.decision is not None:
        return entry.decision.verdict == REJECTED
    # What informs already, flagged, is not taken away because the setting changed.
    return settings.surprises == WAIT and is_fresh


def _without(validated: "Validated", held: Mapping[str, Entry], looked_at: pd.DataFrame) -> "Validated":
    """Put held rows aside, each with what to do about it."""
    if not held:
        return validated
    rows = []
    for row in records(looked_at[looked_at["figure_id"].isin(list(held))]):
        proposal, decision = held[row["figure_id"]].proposal, held[row["figure_id"]].decision
        number = next((name for name in VALUE_COLUMNS if getattr(proposal, name)), "value")
        if decision is None:
            problem = f"waits for review: {proposal.why_it_waits}"
            remedy = f"hbmcast review --accept {proposal.proposal_id}, or --mend or --reject it"
        else:
            problem = f"rejected in review by {decision.who} on {decision.decided_at[:10]}: {decision.reason}"
            remedy = "take the row out of its file, or mend it: another number is asked about anew"
        content = {"figure_id": row["figure_id"], "source_id": proposal.source_id, **proposal.cells}
        rows.append(
            {
                "file": row["file"],
                "row": row["row"],
                "field": number,
                "value": getattr(proposal, number),
                "problem": problem,
                "remedy": remedy,
                "raw": json.dumps(content, ensure_ascii=False),
            }
        )
    figures = validated.accepted["figures"]
    kept = figures[~figures["figure_id"].isin(list(held))].reset_index(drop=True)
    rejected = pd.concat([validated.rejected, pd.DataFrame(rows)], ignore_index=True)
    return replace(validated, accepted={**validated.accepted, "figures": kept}, rejected=rejected)


def _notes(settings: Settings, added: list[Entry], held: Mapping[str, Entry]) -> Iterator[str]:
    fate = "wait" if settings.surprises == WAIT else "inform, flagged"
    for entry in added[:5]:
        proposal = entry.proposal
        yield f"second look: {proposal.figure_id} ({proposal.file}): {proposal.why_it_waits}"
    if added:
        yield f"second look: {len(added)} surprising figures {fate}; hbmcast review --list"
    rejected = sum(not entry.waits for entry in held.values())
    if rejected:
        yield f"second look: {rejected} figures were rejected in review and stay out"
