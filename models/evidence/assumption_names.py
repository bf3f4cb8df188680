"""Names of assumptions that nothing asks for: a slip of a name informs nothing, without a word."""

from collections.abc import Collection, Iterable, Mapping
from typing import Final

import pandas as pd

from models.evidence.checks.reference import OFFSET_PREFIX
from models.evidence.tables.described import SYSTEM_EVIDENCE
from models.evidence.tables.files import file_of
from models.evidence.tables.market import MARKET
from models.vocabulary.printed_text import did_you_mean, folded

_CALL_FOR_NOTHING: Final = ("scenarios", "report_findings", "filers")
_CATALOGUES: Final = (
    *(table.name for table in MARKET),
    *(name for name in SYSTEM_EVIDENCE if name not in _CALL_FOR_NOTHING),
)
"""Tables whose rows call for assumptions of their own: a new class for its size, a new tool for its price."""
_NO_NAMES: Final = ("metric", "source_id", "segment", "description", "note")
_DEFINED: Final = "definition"


def uncalled_for(
    names: Iterable[str], known: Collection[str], files: Mapping[str, pd.DataFrame]
) -> dict[str, str]:
    """Find names of assumptions that neither the base has nor a row of another table calls for.

    Parameters
    ----------
    names : iterable of str
        Names laid over the base.
    known : collection of str
        Names of the base: all that the chain and the systems ask for of themselves.
    files : mapping of str to DataFrame of str
        All evidence, by file. A name may differ from a known one where it has a number, or the name of a row
        of a catalogue; a definition offset is called for by a figure or rule of that definition.

    Returns
    -------
    dict of str to str
        The remedy by name, with the nearest known name where one is near.
    """
    offered = dict.fromkeys(name for name in names if name and name not in known)
    if not offered:
        return {}
    words = {folded(str(cell)) for name in _CATALOGUES for cell in _cells(files.get(file_of(name)))}
    defined = {
        f"{OFFSET_PREFIX}{key}"
        for frame in files.values()
        if _DEFINED in frame
        for key in set(frame[_DEFINED])
    }
    of_parts: dict[int, list[list[str]]] = {}
    for name in known:
        of_parts.setdefault(name.count("."), []).append(name.split("."))
    return {
        name: f"{did_you_mean(name, known)}{_wanted(name)}"
        for name in offered
        if name not in defined
        and folded(name) not in words
        and not any(_is_kin(name.split("."), other, words) for other in of_parts.get(name.count("."), ()))
    }


def _wanted(name: str) -> str:
    if name.startswith(OFFSET_PREFIX):
        return "a figure or a rule of metrics.csv names it in its column definition"
    return "for a new class, generation, tool, material or supplier give its row of its own table too"


def _cells(frame: pd.DataFrame | None) -> set[object]:
    if frame is None:
        return set()
    return {cell for name in frame if name not in _NO_NAMES for cell in frame[name] if cell}


def _is_kin(parts: list[str], other: list[str], words: Collection[str]) -> bool:
    """Say whether a name differs from another in numbers and names of the catalogues only."""
    if parts[0] != other[0] or parts[0] == OFFSET_PREFIX.rstrip("."):
        return False
    return all(
        part == theirs or part.isdecimal() or folded(part) in words or _is_of_same(part, theirs, words)
        for part, theirs in zip(parts, other, strict=True)
    )


def _is_of_same(part: str, other: str, words: Collection[str]) -> bool:
    """Say whether a part is that of another row of the same process, as cowos_underfill and cowos_emc."""
    (process, _, row), (its_process, _, _) = part.partition("_"), other.partition("_")
    return process == its_process and folded(row) in words
