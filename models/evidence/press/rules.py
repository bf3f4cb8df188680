"""Which words together mean which metric: the rules of press_metrics.csv."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import pandas as pd

from models.evidence.press.vocabulary import SEPARATOR
from models.vocabulary.rows import records
from models.vocabulary.units import CURRENCIES

ANY: Final = "*"
TOGETHER: Final = "+"
NEUTRAL: Final = "market"
"""A measure that says nothing where another stands beside it."""
_PARTS: Final = ("segment", "generation", "basis_of_share")
_OPTIONAL: Final = ("segment", "basis_of_share")
_BITS: Final = ("GB", "Gb", "TB")


@dataclass(frozen=True, slots=True)
class Reading:
    """What the words around an amount say it is.

    Attributes
    ----------
    subjects, measures : frozenset of str
    form : str
        level, growth, sequential, share, shortage or surplus.
    unit : str
        Of the amount.
    parts : dict of str to str
        Words of `segment`, `generation` and `basis_of_share`, '' for none.
    """

    subjects: frozenset[str]
    measures: frozenset[str]
    form: str
    unit: str
    parts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of press_metrics.csv."""

    subjects: frozenset[str]
    any_subject: bool
    measures: tuple[frozenset[str], ...]
    any_measure: bool
    form: str
    unit: str
    entities: tuple[str, ...]
    metric: str
    segment: str

    def fits(self, reading: Reading) -> bool:
        """Say whether the words are those of the rule, and none beside them."""
        if reading.form != self.form or unit_kind(reading.unit) != self.unit:
            return False
        if not self.any_subject and reading.subjects != self.subjects:
            return False
        measures = reading.measures - {NEUTRAL} if len(reading.measures) > 1 else reading.measures
        neutral = measures - {NEUTRAL}
        if not self.any_measure and measures not in self.measures and neutral not in self.measures:
            return False
        return all(self._part_fits(name, reading.parts.get(name, "")) for name in _PARTS)

    def _part_fits(self, name: str, word: str) -> bool:
        """Ask that a word of a part is asked for, and that one asked for is there or may be left out."""
        is_asked = f"{{{name}}}" in self.segment
        if name == "basis_of_share":
            return True
        return (is_asked and (bool(word) or name in _OPTIONAL)) or not (is_asked or word)

    def segment_of(self, reading: Reading) -> str:
        """Segment of the figure."""
        segment = self.segment
        for name in _PARTS:
            segment = segment.replace(f"{{{name}}}", reading.parts.get(name, ""))
        return segment


def read_rules(press_metrics: pd.DataFrame) -> list[Rule]:
    """Read the rules.

    Parameters
    ----------
    press_metrics : DataFrame
        Accepted rows of press_metrics.csv.
    """
    return [
        Rule(
            subjects=_together(row["subject"]),
            any_subject=row["subject"] == ANY,
            measures=tuple(_together(words) for words in str(row["measure"]).split(SEPARATOR)),
            any_measure=row["measure"] == ANY,
            form=row["form"],
            unit=row["unit"],
            entities=tuple(word.strip() for word in str(row["entity"]).split(SEPARATOR)),
            metric=row["metric"],
            segment=str(row["segment"]),
        )
        for row in records(press_metrics.fillna(""))
    ]


def fitting(rules: Iterable[Rule], reading: Reading) -> list[Rule]:
    """Return the rules whose words a reading has."""
    return [rule for rule in rules if rule.fits(reading)]


def unit_kind(unit: str) -> str:
    """Kind of a unit, as the rules name it: money, bits, or the unit itself."""
    if unit in CURRENCIES:
        return "money"
    if unit.removesuffix("_per_GB").removesuffix("_per_Gb") in CURRENCIES:
        return "money_per_GB"
    return "bits" if unit in _BITS else unit


def _together(words: str) -> frozenset[str]:
    return frozenset(word.strip() for word in words.split(TOGETHER) if word.strip())
