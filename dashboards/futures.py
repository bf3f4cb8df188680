"""Single futures and probabilities from the joint draws of a run."""

from datetime import date
from typing import Final

import pandas as pd

from dashboards.grammar import Spec, numbers
from dashboards.labels import quantity_unit
from dashboards.tables import years_asked
from models.vocabulary.periods import QUARTERS, YEARS

EVERY_DRAWS: Final = 997
"""One draw in so many is read with all its periods: neighbours of a chain are alike."""
SHOWN = 12
"""Single futures drawn over a fan."""
OF_TWENTY = 20
SURE = 0.975
ROUND = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0)
LIKELY_LEVEL = 0.25
"""A threshold is the round number whose lower quantile in the draws lies nearest to this."""


def single_futures(drawn: pd.DataFrame, quantity: str, unit: str) -> Spec | None:
    """Give a few joint draws of a quantity: the same draws for every quantity.

    Parameters
    ----------
    drawn : pandas.DataFrame
        ``draw, quantity, period, value``.
    quantity, unit : str

    Returns
    -------
    dict or None
        ``quarter`` and ``year``: a list of paths each, in the unit shown; None without draws.
    """
    rows = (
        drawn[(drawn["quantity"] == quantity) & (drawn["draw"] % EVERY_DRAWS == 0)] if len(drawn) else drawn
    )
    if rows.empty:
        return None
    divisor, _ = quantity_unit(quantity, unit, rows["value"])
    table = rows.pivot_table(index="draw", columns="period", values="value").head(SHOWN)
    return {
        kind: [numbers(path, divisor) for path in table.reindex(columns=list(periods)).to_numpy()]
        for kind, periods in (("quarter", QUARTERS[: 4 * len(YEARS)]), ("year", YEARS))
    }


def in_words(probability: float) -> str:
    """Say a probability as so many of twenty futures, with the per cent beside it."""
    share = (
        f"{100 * probability:.0f}\u202f%"
        if 0.01 <= probability <= 0.99
        else ("over 99\u202f%" if probability > 0.5 else "under 1\u202f%")
    )
    if probability >= SURE:
        return f"in nearly every future ({share})"
    if probability <= 1 - SURE:
        return f"in hardly any future ({share})"
    return f"in {round(OF_TWENTY * probability)} of {OF_TWENTY} futures ({share})"


def statements(drawn: pd.DataFrame, quantity: str, unit: str, as_of: date) -> list[str]:
    """Say how probable it is that a quantity passes a round number, and that it grows.

    Parameters
    ----------
    drawn : pandas.DataFrame
        ``draw, quantity, period, value``, every draw of the `years_asked`.
    quantity, unit : str
    as_of : datetime.date

    Returns
    -------
    list of str
        Empty without draws.
    """
    years = years_asked(as_of)
    rows = drawn[(drawn["quantity"] == quantity) & drawn["period"].isin(years)] if len(drawn) else drawn
    if rows.empty:
        return []
    table = rows.pivot_table(index="draw", columns="period", values="value")
    divisor, name = quantity_unit(quantity, unit, rows["value"])
    last = table[years[-1]].dropna()
    level = _round_level(last, divisor)
    said = [f"Above {level:,.6g} {name} in {years[-1]}: {in_words(float((last > level * divisor).mean()))}"]
    if len(years) > 1:
        both = table.dropna()
        said.append(
            f"{years[1]} above {years[0]}: {in_words(float((both[years[1]] > both[years[0]]).mean()))}"
        )
    return said


def _round_level(values: pd.Series, divisor: float) -> float:
    """Find the round number nearest to the lower quartile of some values, in the unit shown."""
    wanted = float(values.quantile(LIKELY_LEVEL)) / divisor
    candidates = [digit * 10.0**power for power in range(-6, 13) for digit in ROUND]
    return min(candidates, key=lambda level: abs(level / wanted - 1) if wanted > 0 else level)
