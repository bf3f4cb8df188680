"""The joint draws of a run: one number of a draw across every quantity and every period."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from models.vocabulary.periods import N_QUARTERS, QUARTERS, YEARS

PERIODS: tuple[str, ...] = QUARTERS[:N_QUARTERS] + YEARS
"""Labels of the period axis of all draws: 28 quarters, then 7 years."""


@dataclass(frozen=True)
class Draws:
    """Joint draws: draw i of one quantity belongs to draw i of every other.

    Attributes
    ----------
    by_quantity : mapping of str to ndarray (draw, period)
        In units of the quantity, periods as `PERIODS`; the same number of draws for all.
    """

    by_quantity: Mapping[str, np.ndarray]

    def __getitem__(self, quantity: str) -> np.ndarray:
        """Draws of one quantity, (draw, period)."""
        if quantity not in self.by_quantity:
            raise KeyError(f"quantity {quantity!r} is not among the draws")
        return self.by_quantity[quantity]

    @property
    def n_draws(self) -> int:
        """Number of joint draws."""
        return len(next(iter(self.by_quantity.values())))

    def quarters(self, quantity: str) -> np.ndarray:
        """Quarters of one quantity, (draw, 28), in double precision."""
        return self[quantity][:, :N_QUARTERS].astype(float)

    def taken(self, at: slice | np.ndarray) -> "Draws":
        """Take some of the draws, of every quantity the same.

        Parameters
        ----------
        at : slice or ndarray of int
            Numbers of the draws.
        """
        return Draws({quantity: values[at] for quantity, values in self.by_quantity.items()})


def collect(blocks: Iterable[Mapping[str, np.ndarray]]) -> Draws:
    """Put blocks of draws together in their order. For as many draws as memory holds (16 KB a draw)."""
    kept = list(blocks)
    return Draws({name: np.concatenate([b[name].T for b in kept], axis=1).T for name in kept[0]})
