"""A page's text as sentences, in English, Chinese and Korean alike."""

import re
import unicodedata
from typing import Final

from models.vocabulary.printed_text import SignError, plain_text

LONGEST: Final = 600
"""Signs of a sentence; what is longer is a table or a menu that lost its lines."""
_ABBREVIATIONS: Final = (
    *("u.s", "inc", "corp", "co", "ltd", "vs", "approx", "no", "fig", "jan", "feb", "mar", "apr", "jun"),
    *("jul", "aug", "sept", "sep", "oct", "nov", "dec", "dr", "mr", "ms", "st", "e.g", "i.e", "ca"),
)
_END: Final = re.compile(r"[。！？!?]+[”’」』\"')]*|\.[”’\"')]*(?=\s+[^\sa-z])")
_LAST_WORD: Final = re.compile(r"[\w.]+$")


def sentences(text: str) -> list[str]:
    """Split a text.

    Parameters
    ----------
    text : str
        As it stands on the page; a line's end is a sentence's end.

    Returns
    -------
    list of str
        Each as plain text (`models.vocabulary.printed_text.plain_text`); what holds signs that nobody may
        guess at, and what is longer than `LONGEST`, is left out.
    """
    found = []
    for line in text.splitlines():
        start = 0
        for end in _END.finditer(line):
            last = _LAST_WORD.search(line[: end.start()])
            if line[end.start()] == "." and last and last[0].lower() in _ABBREVIATIONS:
                continue
            found.append(line[start : end.end()])
            start = end.end()
        found.append(line[start:])
    return [plain for part in found if (plain := plain_sentence(part)) and len(plain) <= LONGEST]


def plain_sentence(printed: str) -> str:
    """Make a sentence plain; '' where a sign in it can't be read."""
    # A wide comma separates; made narrow without a blank it would join two numbers into one.
    visible = "".join(sign for sign in printed if unicodedata.category(sign) != "Cf")
    try:
        return plain_text(re.sub("[，、；：]", lambda sign: sign[0] + " ", visible))
    except SignError:
        return ""
