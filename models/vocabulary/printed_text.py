"""What a person typed, as plain text: full-width letters made plain, signs nobody may guess at named.

Everything printed passes here first, numbers, units, periods and names alike, so that one keyboard's digits
are not read in one column and refused in another.
"""

import difflib
import re
import unicodedata
from collections.abc import Iterable
from typing import Final

_DASHES: Final = dict.fromkeys(map(ord, "\u2010\u2011\u2212\ufe63\uff0d"), "-")
"""Hyphens and the minus sign: all mean '-'. An en dash or an em dash may be a range, and stays."""
_APOSTROPHES: Final = dict.fromkeys(map(ord, "\u2018\u2019\u02bc\u00b4"), "'")
_ERRORS: Final = re.compile(r"#(?:N/A|DIV/0!?|[A-Z_]{3,}[!?]?)|Err:5\d\d", re.I)
_MONTHS: Final = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_DATES: Final = re.compile(
    rf"\d{{1,2}}[-./ ](?:{_MONTHS})[a-z]*(?:[-./ ]\d{{2,4}})?|(?:{_MONTHS})[a-z]*[-./ ]\d{{1,4}}"
    r"|\d{4}[-./]\d{1,2}[-./]\d{1,2}(?:[ T][\d:.]+)?|\d{1,2}[/.]\d{1,2}[/.](?:\d{2}|\d{4})|\d{1,2}/\d{1,2}"
    r"|\d{1,2}月\d{1,2}日|\d{1,2}월 ?\d{1,2}일",
    re.IGNORECASE,
)
# What a spreadsheet writes of a long number: two decimals in its scientific format, five where it ran out
# of room.
_CUT_SCIENTIFIC: Final = re.compile(r"[+-]?\d\.(?:\d{2}|\d{5})E[+-]\d{1,3}")
_SHOWN_OTHERWISE: Final = re.compile(r"-?[\d.]+ shown (?:as|divided|by|in|without) .*")
_LATIN_LIKE: Final = ("CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE")


class SignError(ValueError):
    """A printed text has a sign that can't be read.

    Attributes
    ----------
    problem, remedy : str
        What the sign is, and what to write in its place.
    """

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem}; {remedy}")
        self.problem, self.remedy = problem, remedy


def plain_text(text: str) -> str:
    """Text with full-width signs made plain, every kind of blank a blank, every kind of minus a minus.

    Raises
    ------
    SignError
        It has an invisible character, a raised or circled figure, or digits of another script.
    """
    stripped = text.strip()
    if stripped.isascii() and stripped.isprintable():
        return " ".join(stripped.split())
    for sign in stripped:
        _refuse_unreadable(sign)
    plain = unicodedata.normalize("NFKC", stripped.translate(_DASHES)).translate(_APOSTROPHES)
    for sign in plain:
        if sign.isdigit() and not sign.isascii():
            raise SignError(f"{sign!r} is a digit of another script", "write the digits 0 to 9")
    return " ".join(plain.split())


def _refuse_unreadable(sign: str) -> None:
    category = unicodedata.category(sign)
    if category in ("Cf", "Cc", "Co", "Cn", "Cs") and not sign.isspace():
        named = f"U+{ord(sign):04X}"
        name = unicodedata.name(sign, "a control character").lower()
        raise SignError(f"holds the invisible character {named} ({name})", "delete it: type the cell again")
    if category == "No":
        # NFKC would make 61.4 and a raised 2 into 61.42.
        raise SignError(
            f"{sign!r} is a raised, circled or fractional figure, a mark of a footnote perhaps",
            "write the number alone, without the mark, fractions as decimals",
        )


def plain_name(text: str) -> str:
    """Plain text of a name.

    Raises
    ------
    SignError
        As `plain_text`; or a word mixes Latin letters with letters that only look like them.
    """
    plain = plain_text(text)
    if plain.isascii():
        return plain
    for word in plain.split():
        names = {letter: unicodedata.name(letter, "") for letter in word if letter.isalpha()}
        if not any(name.startswith("LATIN") for name in names.values()):
            continue
        for letter, name in names.items():
            if name.startswith(_LATIN_LIKE):
                raise SignError(
                    f"the letter {letter!r} of {word!r} is {name.lower()}, which only looks Latin",
                    "type the word again on a Latin keyboard",
                )
    return plain


def refuse_spreadsheet_damage(text: str) -> None:
    """Refuse what a spreadsheet made of a cell.

    Parameters
    ----------
    text : str
        Plain text.

    Raises
    ------
    SignError
        Signs of a narrow column, an error of a formula, a date, or a long number cut short.
    """
    if re.fullmatch(r"#{2,}", text):
        raise SignError(
            f"{text} is a spreadsheet's column that was too narrow: the number is not in the file",
            "widen the column and save again",
        )
    if _ERRORS.fullmatch(text):
        raise SignError(
            f"{text} is the error of a spreadsheet's formula: the number is not in the file",
            "mend the formula and save again, or leave the cell empty",
        )
    if _DATES.fullmatch(text):
        raise SignError(
            f"{text} is a date: a spreadsheet makes one of a range such as 5-10",
            "write the ends of the range into low and high, in cells formatted as numbers",
        )
    if _CUT_SCIENTIFIC.fullmatch(text):
        raise SignError(
            f"{text} is how a spreadsheet writes a long number: digits may be lost",
            f"write all its digits; if there are no more, {text.lower().replace('e+', 'e')}",
        )
    if text.startswith("="):
        raise SignError(f"{text} is a formula, not its result", "save the sheet's values")
    if _SHOWN_OTHERWISE.fullmatch(text):
        raise SignError(
            f"{text}: the cell's format shows another number than the cell holds",
            "give the cell a plain format, or write the number as it is shown",
        )
    if text.upper() in ("TRUE", "FALSE"):
        raise SignError(f"{text} is a truth value, not a number", "write the number, or leave the cell empty")


def nearest(word: str, known: Iterable[str], n: int = 3) -> list[str]:
    """Known words that are spelled most like a word, the likest first; none where nothing is near.

    Parameters
    ----------
    word : str
    known : iterable of str
    n : int
        At most so many.
    """
    by_folded: dict[str, str] = {}
    for name in known:
        by_folded.setdefault(folded(name), name)
    return [by_folded[name] for name in difflib.get_close_matches(folded(word), by_folded, n, cutoff=0.75)]


def folded(word: str) -> str:
    """Word without what spelling may vary in: capitals, blanks, dashes, width."""
    return re.sub(r"[\s_\-.]+", " ", unicodedata.normalize("NFKC", word)).casefold().strip()


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Say which known words are near, as the beginning of a remedy; '' where none is."""
    found = nearest(word, known)
    return f"did you mean {' or '.join(map(repr, found))}? " if found else ""
