"""Cells of an answer as text: for JSON, for CSV, and harmless for a spreadsheet.

What a form can't say is said once on standard error: NaN and infinity in JSON and workbooks, text that a
spreadsheet would run, numbers with more digits than a spreadsheet keeps.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

# A spreadsheet takes text that begins so for a formula; the last four are their full-width forms.
FORMULA_SIGNS = "=+-@\t\r\n＝＋－＠"
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?%?", re.ASCII)
NOT_FINITE = "NaN or infinite values became empty (null): the format has no word for them"
FORMULA = "texts that a spreadsheet would take for a formula have an apostrophe before them"

# What pandas writes for no time and for no value.
MISSING = ("NaTType", "NAType")

Lost = Counter[str]
"""What was changed on the way, and how often."""


def rows_of(answer: "pa.Table") -> Iterator[tuple[Any, ...]]:
    """Rows of an Arrow table as Python values, without holding them all at once."""
    for batch in answer.to_batches(max_chunksize=10_000):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would take a text for a formula; a number is none, whatever its sign."""
    return bool(text) and text[0] in FORMULA_SIGNS and not _NUMBER.fullmatch(text)


def harmless(text: str, lost: Lost) -> str:
    """Put an apostrophe before a text that a spreadsheet would run."""
    if not is_formula(text):
        return text
    lost[FORMULA] += 1
    return "'" + text


def csv_cell(value: object, lost: Lost) -> str:
    """Write a value for CSV: all digits of numbers, days and times as ISO, true and false, lists as JSON.

    Nothing stands for NULL; NaN and infinity stand as nan, inf and -inf, which readers of numbers know.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return harmless(value, lost)
    if isinstance(value, (list, dict)):
        return harmless(json_text(value, lost), lost)
    if isinstance(value, bool):
        return "true" if value else "false"
    return format(value, "f") if isinstance(value, Decimal) else _plain(value)


def json_text(value: object, lost: Lost, margin: str | None = None) -> str:
    """Write a value as JSON: all digits of whole and decimal numbers, null for what is not finite.

    Parameters
    ----------
    value : object
        Plain values, lists and mappings of them, and numbers of NumPy; others as text.
    lost : Lost
        Counts what is not finite.
    margin : str, optional
        Blanks before the line it begins on, for one entry a line; otherwise all stands in one line.
    """
    if hasattr(value, "tolist"):
        # A number or an array of NumPy.
        value = value.tolist()
    if value is None or type(value).__name__ in MISSING:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (float, Decimal)) and not math.isfinite(value):
        lost[NOT_FINITE] += 1
        return "null"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dict):
        return _object(list(value.items()), lost, margin)
    if isinstance(value, (list, tuple)):
        # Arrow gives a map as pairs.
        if isinstance(value, list) and value and all(isinstance(pair, tuple) for pair in value):
            return _object(value, lost, margin)
        inner = None if margin is None else margin + " "
        return _set("[]", [json_text(cell, lost, inner) for cell in value], margin)
    return json.dumps(_plain(value), ensure_ascii=False)


def json_row(names: Sequence[str], values: Sequence[object], lost: Lost) -> str:
    """Write a row as a JSON object.

    Parameters
    ----------
    names, values : sequence
        As many of each.
    lost : Lost
        Counts what is not finite.
    """
    return _object(list(zip(names, values, strict=True)), lost)


def loss_lines(lost: Lost) -> list[str]:
    """Say in lines what was lost."""
    return [f"{count} {what}" for what, count in lost.items()]


def _object(pairs: Sequence[tuple[object, object]], lost: Lost, margin: str | None = None) -> str:
    inner = None if margin is None else margin + " "
    cells = [f"{json.dumps(_plain(k), ensure_ascii=False)}: {json_text(v, lost, inner)}" for k, v in pairs]
    return _set("{}", cells, margin)


def _set(ends: str, cells: Sequence[str], margin: str | None) -> str:
    """Set cells between two brackets: in one line, or in lines of their own."""
    if margin is None or not cells:
        return ends[0] + ", ".join(cells) + ends[1]
    return f"{ends[0]}\n{margin} " + f",\n{margin} ".join(cells) + f"\n{margin}{ends[1]}"


def _plain(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)
