"""Figures of a filer beside those of the periods around them: a part, or another scale, stands out."""

from collections.abc import Sequence
from statistics import median
from typing import Final, NamedTuple, Protocol

from models.vocabulary.periods import parse_period

NEAR_MONTHS: Final = 24
FEWEST: Final = 3
"""Periods around one that say what is usual; of two nobody knows which is wrong."""
OF_ANOTHER_CONCEPT: Final = 3.0
"""Factor by which a figure of a concept that no period around it has may differ from what is usual there."""
OF_THE_SAME: Final = 10.0


class Stated(Protocol):
    """What a filing says of a period."""

    @property
    def label(self) -> str:
        """Name of the period."""
        ...

    @property
    def concept(self) -> str:
        """Concept of the number."""
        ...

    @property
    def value(self) -> float:
        """Number."""
        ...


class StandsOut(NamedTuple):
    """What is usual around a period, and the concept that says so."""

    usual: float
    concept: str


def stands_out(stated: Stated, others: Sequence[Stated], year_end_month: str) -> StandsOut | None:
    """Say what is usual around a period whose figure is far from it; None for a figure that is not.

    Parameters
    ----------
    stated : Stated
    others : sequence of Stated
        Of the same filer.
    year_end_month : str
        Month in which the filer's year ends.
    """
    is_quarter = "Q" in stated.label
    here = parse_period(stated.label, year_end_month).start
    near = [
        other
        for other in others
        if other.label != stated.label
        and ("Q" in other.label) == is_quarter
        and abs(parse_period(other.label, year_end_month).start - here) <= NEAR_MONTHS
        and other.value > 0
    ]
    if len(near) < FEWEST or stated.value <= 0:
        return None
    usual = median(other.value for other in near)
    concepts = [other.concept for other in near]
    factor = OF_THE_SAME if stated.concept in concepts else OF_ANOTHER_CONCEPT
    if 1 / factor < stated.value / usual < factor:
        return None
    return StandsOut(usual, max(concepts, key=concepts.count))
