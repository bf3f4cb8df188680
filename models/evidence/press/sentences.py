"""A page's text as sentences, in English, Chinese and Korean alike."""

import re
import unicodedata
from itertools import groupby, pairwise
from typing import Final

from models.vocabulary.printed_text import SignError, plain_text

LONGEST: Final = 600
"""Signs of a sentence; what is longer is a table or a menu that lost its lines."""
NARROWEST, WIDEST = 50, 160
"""Columns to which a text is broken into lines."""
_ABBREVIATIONS: Final = (
    *("u.s", "inc", "corp", "co", "ltd", "vs", "approx", "no", "fig", "jan", "feb", "mar", "apr", "jun"),
    *("jul", "aug", "sept", "sep", "oct", "nov", "dec", "dr", "mr", "ms", "st", "e.g", "i.e", "ca"),
)
_END: Final = re.compile(r"[。！？!?]+[”’」』\"')]*|\.[”’\"')]*(?=\s+[^\sa-z])")
_ENDED: Final = re.compile(r"[.。！？!?:：][”’」』\"')]*$")
_LAST_WORD: Final = re.compile(r"[\w.]+$")


def sentences(text: str) -> list[str]:
    """Split a text.

    Parameters
    ----------
    text : str
        As it stands on the page; a line's end is a sentence's end, but where lines were broken to a width.

    Returns
    -------
    list of str
        Each as plain text (`models.vocabulary.printed_text.plain_text`); what holds signs that nobody may
        guess at, and what is longer than `LONGEST`, is left out.
    """
    found = []
    for line in _unbroken(text.splitlines()):
        start = 0
        for end in _END.finditer(line):
            last = _LAST_WORD.search(line[: end.start()])
            if line[end.start()] == "." and last and last[0].lower() in _ABBREVIATIONS:
                continue
            found.append(line[start : end.end()])
            start = end.end()
        found.append(line[start:])
    return [plain for part in found if (plain := plain_sentence(part)) and len(plain) <= LONGEST]


def _unbroken(lines: list[str]) -> list[str]:
    """Join lines that were broken to a width, as a wire service's: half a sentence has half the periods.

    Lines up to a blank one belong together. They were broken where each ends a sentence or has no room
    for the first word of the next; of a list, or of paragraphs that are a line each, that does not hold.
    """
    whole: list[str] = []
    for is_blank, group in groupby(lines, key=lambda line: not line.strip()):
        block = [line.strip() for line in group]
        if is_blank or not _is_broken(block):
            whole += block
            continue
        joined = block[:1]
        for before, line in pairwise(block):
            if _ENDED.search(before):
                joined.append(line)
            else:
                joined[-1] += line if _is_wide(before[-1]) and _is_wide(line[0]) else f" {line}"
        whole += joined
    return whole


def _is_broken(block: list[str]) -> bool:
    width = max(map(_columns, block))
    open_ones = [(line, behind) for line, behind in pairwise(block) if not _ENDED.search(line)]
    if not open_ones or not NARROWEST <= width <= WIDEST:
        return False
    has_no_room = [
        _columns(line) + 1 + _columns(behind[:1] if _is_wide(behind[0]) else behind.split()[0]) > width
        for line, behind in open_ones
    ]
    # Of a single line that holds by chance: then the next one must go on in the middle.
    return all(has_no_room) and (len(open_ones) > 1 or open_ones[0][1][0].islower())


def _columns(text: str) -> int:
    return sum(1 + _is_wide(sign) for sign in text)


def _is_wide(sign: str) -> bool:
    return unicodedata.east_asian_width(sign) in "WF"


def plain_sentence(printed: str) -> str:
    """Make a sentence plain; '' where a sign in it can't be read."""
    # A wide comma separates; made narrow without a blank it would join two numbers into one.
    visible = "".join(sign for sign in printed if unicodedata.category(sign) != "Cf")
    try:
        return plain_text(re.sub("[，、；：]", lambda sign: sign[0] + " ", visible))
    except SignError:
        return ""
