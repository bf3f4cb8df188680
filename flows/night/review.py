"""What a person needs to decide about a figure that waits: what was expected, and what stands beside it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from flows.night.expected import expected
from flows.runtime.settings import Settings
from flows.sources.judged import InForce, in_force
from models.evidence.beside import ComparedFigure, comparable_groups, likely_echoes, publishers_last
from models.evidence.checks.reference import definition_keys
from models.evidence.idle import idle_resolved, informs_nothing
from models.evidence.mapping import resolve
from models.evidence.proposals import Entry, Proposal, figure_row, source_row
from models.evidence.second_look import second_look
from models.evidence.tables.described import BY_NAME
from models.evidence.validation import checked_figures
from warehouse.read import figures_of_systems


@dataclass(frozen=True)
class EntryInContext:
    """An entry of the queue beside what is known.

    Attributes
    ----------
    entry : Entry
    expected : dict
        As `flows.night.expected.expected` gives it.
    echoes : list of dict
        Figures in force that it likely repeats: figure_id, publisher, published_on, value, unit.
    last : dict or None
        What its publisher said last of the same period, in the same form.
    doubts : list of str
        What a second look finds.
    idle : str
        Why it would inform nothing, with the nearest name that does; '' where it would inform something.
    """

    entry: Entry
    expected: dict[str, Any]
    echoes: list[dict[str, Any]]
    last: dict[str, Any] | None
    doubts: list[str]
    idle: str

    def as_record(self) -> dict[str, Any]:
        """Give it as plain values, for JSON."""
        proposal = self.entry.proposal
        return {
            "proposal_id": proposal.proposal_id,
            "queued_at": self.entry.queued_at,
            **proposal.cells,
            "sentence": proposal.sentence,
            "why_it_waits": proposal.why_it_waits,
            "figure_id": proposal.row_id,
            "file": proposal.file,
            "page": asdict(proposal.page),
            "expected": self.expected,
            "likely_echoes": self.echoes,
            "publishers_last": self.last,
            "doubts": self.doubts,
            "idle": self.idle,
            "decision": asdict(self.entry.decision) if self.entry.decision else None,
        }


def in_context(settings: Settings, entries: Sequence[Entry]) -> list[EntryInContext]:
    """Put entries of the queue beside the forecast served and the figures in force.

    Parameters
    ----------
    settings : Settings
    entries : sequence of Entry

    Returns
    -------
    list of EntryInContext
        In the order of `entries`; one whose cells can't be read yet has no echo, last figure or doubt.
    """
    if not entries:
        return []
    proposals = [entry.proposal for entry in entries]
    beside = _beside(settings, proposals)
    return [
        EntryInContext(entry, row, *beside.get(_name(entry.proposal), ([], None, [], "")))
        for entry, row in zip(entries, expected(settings, proposals), strict=True)
    ]


type _Beside = tuple[list[dict[str, Any]], dict[str, Any] | None, list[str], str]


def _name(proposal: Proposal) -> str:
    """Name under which a proposal stands beside figures in force, its own row perhaps among them."""
    return f"proposal {proposal.proposal_id}"


def _beside(settings: Settings, proposals: Sequence[Proposal]) -> dict[str, _Beside]:
    """Hold proposals against the figures in force; those whose cells can't be read yet are left out."""
    known = in_force(settings.state, private=False)
    if not known:
        return {}
    columns = list(BY_NAME["figures"].column_names)
    old = known["figures"][columns].assign(file="", row=0)
    own = {p.figure_id for p in proposals if p.figure_id}
    new = _figures(settings, proposals, known)
    if new.empty:
        return {}
    resolved = resolve(pd.concat([old[~old["figure_id"].isin(own)], new]), known["metrics"])
    pages = pd.DataFrame([source_row(proposal) for proposal in proposals])
    sources = pd.concat([known["sources"], pages], ignore_index=True).drop_duplicates("source_id")
    names = list(new["figure_id"])
    # Proposals of one page are no neighbours of one another, nor of the same page's others.
    groups = comparable_groups(resolved, known["exchange_rates"], sources)
    doubts = second_look(resolved, known["exchange_rates"], sources, names)
    idle = _idle(settings, known, resolved[resolved["figure_id"].isin(names)])
    found: dict[str, _Beside] = {name: ([], None, [], said) for name, said in idle.items()}
    for group in groups.values():
        in_group = [seen for seen in group if seen.figure_id not in names]
        for seen in (seen for seen in group if seen.figure_id in names):
            last = publishers_last(seen, in_group)
            said = doubts.loc[doubts["figure_id"] == seen.figure_id, "finding"].tolist()
            echoes = [_shown(other) for other in likely_echoes(seen, in_group)]
            beside = _shown(last) if last else None
            found[seen.figure_id] = (echoes, beside, said, idle.get(seen.figure_id, ""))
    return found


def _idle(settings: Settings, known: InForce, resolved: pd.DataFrame) -> dict[str, str]:
    """Say of proposals that would inform nothing why, and which name is near that does."""
    idle = idle_resolved(resolved, known, figures_of_systems(settings.state))
    return {
        str(row["figure_id"]): f"{informs_nothing(row['reason'])}{row['remedy'] and f' ({row["remedy"]})'}"
        for row in idle.to_dict("records")
    }


def _figures(settings: Settings, proposals: Sequence[Proposal], known: InForce) -> pd.DataFrame:
    """Read proposals by the checks of every row, each under a name of its own."""
    rows = [figure_row(p, {}) | {"figure_id": _name(p), "origin_id": _name(p)} for p in proposals]
    accepted, _, _ = checked_figures(
        pd.DataFrame(rows, dtype=str),
        {proposal.row_source_id for proposal in proposals},
        known["metrics"],
        definition_keys(known["assumptions"].to_dict("records")),
        known["exchange_rates"],
        settings.today,
    )
    origins = {_name(p): p.origin_id for p in proposals if p.origin_id not in ("", p.figure_id)}
    return accepted.assign(origin_id=[origins.get(name, name) for name in accepted["figure_id"]])


def _shown(seen: ComparedFigure) -> dict[str, Any]:
    return {
        "figure_id": seen.figure_id,
        "publisher": seen.row["publisher"],
        "published_on": seen.row["published_on"],
        "value": seen.printed,
        "unit": seen.row["published_unit"],
    }
