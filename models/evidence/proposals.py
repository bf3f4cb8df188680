"""A figure that waits for a person: where it was found, the row it would become, and what was decided.

Rows come from pages that no person has read, or from a door of evidence where a second look found them
surprising. Until somebody decides they inform nothing.
"""

import hashlib
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Final

from models.vocabulary.units import VALUE_COLUMNS

CELLS: Final = (
    *("metric", "entity", "segment", "period", "fiscal_year_end_month"),
    *(*VALUE_COLUMNS, "unit", "kind"),
)
"""What of a row of figures a proposal says; the names are those of the table ``figures``."""
ACCEPTED: Final = "accepted"
REJECTED: Final = "rejected"
VERDICTS: Final = (ACCEPTED, REJECTED)
ID_LETTERS: Final = 12
LICENCE: Final = "public page; facts (numbers) only, no text copied"


@dataclass(frozen=True, kw_only=True)
class Page:
    """Where a proposed figure stands.

    Attributes
    ----------
    url, title : str
    publisher : str
        Who made the statement.
    relayed_by : str
        Who passed it on, when the original was not read.
    published_on, published_precision : str
        Day, month or year as printed, and which of the three it is: as in ``sources``.
    accessed_on : str
        Day on which it was read.
    content_hash : str
        Hash of the kept text.
    """

    url: str
    title: str
    publisher: str
    published_on: str
    published_precision: str
    accessed_on: str
    relayed_by: str = ""
    content_hash: str = ""


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A row of figures that waits.

    Attributes
    ----------
    page : Page
    sentence : str
        Where the number stands on the page; it is shown, and stays in the state folder.
    metric, entity, segment, period, fiscal_year_end_month, value, low, high, unit, kind : str
        Cells of the row, as text.
    why_it_waits : str
        In words for a person.
    figure_id, source_id, origin_id, definition, file : str
        The row as it stands already, for one that a second look found; empty for one read from a page.
    """

    page: Page
    sentence: str
    metric: str
    entity: str
    segment: str = ""
    period: str
    fiscal_year_end_month: str = ""
    value: str = ""
    low: str = ""
    high: str = ""
    unit: str
    kind: str
    why_it_waits: str
    figure_id: str = ""
    source_id: str = ""
    origin_id: str = ""
    definition: str = ""
    file: str = ""

    @property
    def cells(self) -> dict[str, str]:
        """The row's cells, `CELLS` to text."""
        return {name: getattr(self, name) for name in CELLS}

    @property
    def proposal_id(self) -> str:
        """Stable name: the same row of the same page has the same one, however often it is found.

        What the page looks like beside it (its hash, title, the day it was read, the sentence's wording) does
        not enter; the name of a row that stands in a file already does.
        """
        place = (
            self.figure_id or self.page.url.partition("#")[0] or f"{self.page.publisher} {self.page.title}"
        )
        said = (place, *self.cells.values())
        return _digest(*said)

    @property
    def row_id(self) -> str:
        """The figure_id that the row has, or will have once it is accepted."""
        return self.figure_id or f"review-{self.proposal_id}"

    @property
    def row_source_id(self) -> str:
        """The source_id of its publication: the same for all rows of a page."""
        page = self.page
        named = _digest(page.url, page.title, page.publisher, page.published_on)
        return self.source_id or f"review-s-{named}"

    def mended(self, cells: Mapping[str, str]) -> "Proposal":
        """Return the proposal with other cells.

        Raises
        ------
        KeyError
            One of them is no cell of a proposal.
        """
        unknown = [name for name in cells if name not in CELLS]
        if unknown:
            raise KeyError(f"{unknown[0]!r} is none of {', '.join(CELLS)}")
        changed: dict[str, Any] = dict(cells)
        return replace(self, **changed)


def _digest(*said: str) -> str:
    plain = "\x1f".join(" ".join(unicodedata.normalize("NFKC", text).split()) for text in said)
    return hashlib.sha256(plain.encode()).hexdigest()[:ID_LETTERS]


def figure_row(
    proposal: Proposal, mended: Mapping[str, str], origin_id: str = "", note: str = ""
) -> dict[str, str]:
    """Give the row of figures that a proposal becomes, under the name of its columns.

    Parameters
    ----------
    proposal : Proposal
    mended : mapping of str to str
        Cells that a person changed.
    origin_id : str
        The figure whose statement it repeats; its own where it repeats none.
    note : str

    Raises
    ------
    KeyError
        One of `mended` is no cell of a proposal.
    """
    return {
        "figure_id": proposal.row_id,
        "source_id": proposal.row_source_id,
        "origin_id": origin_id or proposal.origin_id or proposal.row_id,
        **proposal.mended(mended).cells,
        "definition": proposal.definition,
        "not_used_reason": "",
        "note": note,
    }


def source_row(proposal: Proposal) -> dict[str, str]:
    """Give the row of sources of a proposal's page, under the name of its columns."""
    page = proposal.page
    return {
        "source_id": proposal.row_source_id,
        **{name: getattr(page, name) for name in ("publisher", "relayed_by", "title", "url")},
        **{name: getattr(page, name) for name in ("published_on", "published_precision", "accessed_on")},
        "licence_note": LICENCE,
    }


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What a person decided.

    Attributes
    ----------
    verdict : str
        One of `VERDICTS`.
    who, decided_at : str
        Name of the user, and the moment (UTC, ISO).
    reason : str
        Why it was rejected; for an accepted one what the person remarked.
    mended : dict of str to str
        Cells that the person changed before accepting, as they were taken in.
    figure_id : str
        The row of figures that came of it; empty for a rejected one.
    """

    verdict: str
    who: str
    decided_at: str
    reason: str = ""
    mended: Mapping[str, str] | None = None
    figure_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A proposal in the queue; without a decision it waits."""

    proposal: Proposal
    queued_at: str
    decision: Decision | None = None

    @property
    def waits(self) -> bool:
        """Whether nobody has decided yet."""
        return self.decision is None


def as_record(entry: Entry) -> dict[str, Any]:
    """Return an entry as plain values, for JSON."""
    return {"proposal_id": entry.proposal.proposal_id, **asdict(entry)}


def from_record(record: Mapping[str, Any]) -> Entry:
    """Read what `as_record` gave.

    Raises
    ------
    ValueError
        It is no entry, or its name does not fit what it says.
    """
    try:
        said = dict(record["proposal"])
        cells: dict[str, Any] = _texts(said, Proposal, "page")
        proposal = Proposal(**{**cells, "page": Page(**_texts(said["page"], Page))})
        decided = record["decision"]
        decision = Decision(**decided) if decided is not None else None
        entry = Entry(proposal=proposal, queued_at=str(record["queued_at"]), decision=decision)
    except (KeyError, TypeError) as error:
        raise ValueError(f"it is no entry of the review queue ({error})") from None
    if decision is not None and decision.verdict not in VERDICTS:
        raise ValueError(f"its verdict {decision.verdict!r} is none of {', '.join(VERDICTS)}")
    if record.get("proposal_id") != proposal.proposal_id:
        raise ValueError("its proposal_id does not fit its row: it was changed by hand")
    return entry


def _texts(said: Mapping[str, Any], described: type, *but: str) -> dict[str, str]:
    names = {field.name for field in fields(described)} - set(but)
    unknown = set(said) - names - set(but)
    if unknown:
        raise KeyError(f"unknown field {sorted(unknown)[0]!r}")
    texts = {name: value for name, value in said.items() if name in names}
    wrong = [name for name, value in texts.items() if not isinstance(value, str)]
    if wrong:
        raise TypeError(f"{wrong[0]} is no text")
    return texts
