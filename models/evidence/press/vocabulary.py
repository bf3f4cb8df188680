"""The words of press_words.csv, and where they stand in a sentence."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import pandas as pd

from models.vocabulary.rows import records

SEPARATOR: Final = ";"
OTHER: Final = "other"
"""Means of a word whose numbers are about something that is no figure."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the vocabulary in a sentence.

    Attributes
    ----------
    start, end : int
        Where it stands.
    role, means : str
        As in press_words.csv.
    """

    start: int
    end: int
    role: str
    means: str


class Words:
    """All words, ready to be looked for.

    Parameters
    ----------
    press_words : DataFrame
        Accepted rows of press_words.csv.
    """

    def __init__(self, press_words: pd.DataFrame) -> None:
        self._meanings: dict[str, list[tuple[str, str]]] = {}
        for row in records(press_words):
            for word in str(row["words"]).split(SEPARATOR):
                if plain := word.strip().casefold():
                    meanings = self._meanings.setdefault(plain, [])
                    if (row["role"], row["means"]) not in meanings:
                        meanings.append((row["role"], row["means"]))
        longest_first = sorted(self._meanings, key=len, reverse=True)
        self._pattern = re.compile("|".join(f"(?:{_pattern(word)})" for word in longest_first) or r"(?!)")
        self._stems = sorted((w[:-1] for w in self._meanings if w.endswith("*")), key=len, reverse=True)

    def tokens(self, sentence: str) -> list[Token]:
        """Find the words of a sentence.

        Parameters
        ----------
        sentence : str
            Plain text.

        Returns
        -------
        list of Token
            In the order of the sentence, the longest word at each place; a word with several meanings gives
            several tokens.
        """
        folded = sentence.casefold()
        if len(folded) != len(sentence):
            return []  # a letter that folds into two would move every place behind it
        return [
            Token(found.start(), found.end(), role, means)
            for found in self._pattern.finditer(folded)
            for role, means in self._meaning(found[0])
        ]

    def _meaning(self, word: str) -> list[tuple[str, str]]:
        if word in self._meanings:
            return self._meanings[word]
        return next(self._meanings[f"{stem}*"] for stem in self._stems if word.startswith(stem))


def _pattern(word: str) -> str:
    """Latin words end where letters and digits end; a star stands for any ending."""
    stem, is_stem = (word[:-1], True) if word.endswith("*") else (word, False)
    before = r"(?<![a-z0-9])" if stem[:1].isascii() and stem[:1].isalnum() else ""
    before += r"(?<!\d\.)" if stem[:1].isdigit() else ""  # 1.2배 is not 2배
    after = r"(?![a-z0-9])" if stem[-1:].isascii() and stem[-1:].isalnum() else ""
    return f"{before}{re.escape(stem)}{r'[a-z]*' if is_stem else after}"


def of_role(tokens: Iterable[Token], *roles: str) -> list[Token]:
    """Return the tokens that have one of some roles."""
    return [token for token in tokens if token.role in roles]
