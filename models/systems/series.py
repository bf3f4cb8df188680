"""What every system hands back: named series of joint draws, and how their years are made.

A system never summarises: sums and ratios are made draw by draw, quantiles last.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.vocabulary.periods import N_QUARTERS, YEARS

YEARLY = ("sum", "end", "ratio", "mean")
_QUARTERS_A_YEAR = 4


@dataclass(frozen=True)
class Series:
    """One quantity of a system, by draw and quarter.

    Attributes
    ----------
    system : str
        One of `models.vocabulary.systems.SYSTEM_NAMES`.
    item : str
        What it is about: an equipment category, a material, a supplier, a generation.
    measure : str
        'usd', 'tools', 'gb', 'share', 'wafers_per_month', 'ratio', ...
    part : str
        'total' or the part of it: 'hbm', 'cowos', 'new_capacity', 'replacement', 'bottom_up', 'top_down', ...
    unit : str
        Unit of the quarterly value.
    yearly : {'sum', 'end', 'ratio', 'mean'}
        How a year is made of its quarters.
    values : ndarray (draw, 28) of float32
        Draw i belongs to draw i of the chain.
    n_figures : int
        Published figures that inform it.
    inputs : tuple of str
        Names of the chain's quantities and of the assumptions it rests on.
    figure_ids : tuple of str
        The figures counted in `n_figures`.
    numerator, denominator : ndarray (draw, 28), optional
        For 'ratio': the year is the ratio of their years.
    ratio_of : {'sum', 'end'}
        How the years of numerator and denominator are made.
    trust : str
        One of `models.vocabulary.systems.TRUST` where the number of figures alone misleads (upper bounds
        only, say); else empty.
    """

    system: str
    item: str
    measure: str
    part: str
    unit: str
    yearly: str
    values: np.ndarray
    n_figures: int = 0
    inputs: tuple[str, ...] = ()
    figure_ids: tuple[str, ...] = ()
    numerator: np.ndarray | None = None
    denominator: np.ndarray | None = None
    ratio_of: str = "sum"
    trust: str = ""

    @property
    def name(self) -> str:
        """Name among quantities: system/item/measure/part."""
        return f"{self.system}/{self.item}/{self.measure}/{self.part}"


def make_series(
    system: str,
    item: str,
    measure: str,
    part: str,
    unit: str,
    yearly: str,
    values: np.ndarray,
    figure_ids: tuple[str, ...],
    inputs: tuple[str, ...],
    *ratio: np.ndarray,
    trust: str = "",
) -> Series:
    """Make a series of values in double precision; it is kept in single precision.

    Parameters
    ----------
    system, item, measure, part, unit : str
        As the columns of ``system_forecast``.
    yearly : str
        How a year is made of quarters: sum, end, mean or ratio.
    values : ndarray (draw, quarter)
    figure_ids : tuple of str
        Figures that informed it.
    inputs : tuple of str
        Quantities and assumptions that it is made of.
    *ratio : ndarray (draw, quarter)
        Numerator and denominator of a ratio.
    trust : str
        How far it rests on figures, where its figures do not say that.
    """
    above, below = (x.astype(np.float32) for x in ratio) if ratio else (None, None)
    return Series(
        *(system, item, measure, part, unit, yearly, values.astype(np.float32)),
        *(len(figure_ids), inputs, figure_ids, above, below),
        trust=trust,
    )


def usd_totals(series: Sequence[Series]) -> list[Series]:
    """Totals in USD: what sensitivities look at, and what domestic shares are shares of."""
    return [one for one in series if (one.measure, one.part) == ("usd", "total")]


def yearly_values(series: Series) -> np.ndarray:
    """Make years of quarters, draw by draw.

    Returns
    -------
    ndarray of float32 (draw, 7)
        A ratio of nothing to nothing is not a number.

    Raises
    ------
    ValueError
        Unknown rule, wrong shape, or a ratio without its two parts.
    """
    _check(series)
    if series.yearly != "ratio":
        return _years(series.values, series.yearly)
    assert series.numerator is not None
    assert series.denominator is not None
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = _years(series.numerator, series.ratio_of) / _years(series.denominator, series.ratio_of)
    return ratio.astype(np.float32)


def _check(series: Series) -> None:
    name = f"{series.system} {series.item} {series.measure} {series.part}"
    if series.yearly not in YEARLY:
        raise ValueError(f"{name}: yearly {series.yearly!r} is not one of {', '.join(YEARLY)}")
    for values in (series.values, series.numerator, series.denominator):
        if values is not None and (values.ndim != 2 or values.shape[1] != N_QUARTERS):
            raise ValueError(f"{name}: shape {values.shape}, want (draw, {N_QUARTERS})")
    if series.yearly == "ratio" and (series.numerator is None or series.denominator is None):
        raise ValueError(f"{name}: a ratio needs its numerator and denominator")


def _years(values: np.ndarray, rule: str) -> np.ndarray:
    quarters = values.reshape(len(values), len(YEARS), _QUARTERS_A_YEAR)
    if rule == "end":
        return quarters[..., -1].astype(np.float32)
    # In double precision, so that sums of parts meet their total to float32 rounding; four slices are added
    # seven times quicker than an axis of four.
    total = quarters[..., 0].astype(float)
    for i in range(1, _QUARTERS_A_YEAR):
        total += quarters[..., i]
    return (total / _QUARTERS_A_YEAR if rule == "mean" else total).astype(np.float32)
