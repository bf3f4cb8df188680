"""A maker of HBM late or short: what its TSV capacity loses the industry loses, and its share falls alike.

The chain knows one TSV capacity; who has which part of it is the system of suppliers. A row on
`supplier.<maker>` acts on the maker's own part. Buyers find what is missing nowhere else than in what the
others make anyway: no second-round effects. In some draws a maker's own capacity falls, as its share does:
being late puts off what it adds, not what it gives up, so that no draw has more of it late than in time.
"""

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from models.evidence.checks.scenarios import SUPPLIER_PREFIX
from models.scenarios.shocks import severity, shocked_path
from models.systems.series import Series
from models.vocabulary.rows import records


def shocked_makers(rows: pd.DataFrame) -> list[str]:
    """Makers that rows of a scenario name."""
    named = [str(driver) for driver in rows["driver"] if str(driver).startswith(SUPPLIER_PREFIX)]
    return list(dict.fromkeys(driver.removeprefix(SUPPLIER_PREFIX) for driver in named))


def capacity_shares(series: list[Series]) -> dict[str, np.ndarray]:
    """Share of TSV capacity (draw, quarter) of each maker, of what `models.systems.supplier` hands back."""
    return {s.item: np.asarray(s.values) for s in series if (s.measure, s.part) == ("share", "tsv_capacity")}


def maker_factors(
    rows: pd.DataFrame, capacity: np.ndarray, shares: Mapping[str, np.ndarray], as_of: date, seed: int
) -> dict[str, np.ndarray]:
    """Compute what is left of each shocked maker's capacity, as a fraction of that without the shock.

    Parameters
    ----------
    rows : DataFrame
        Rows of one scenario.
    capacity : ndarray (draw, quarter)
        TSV capacity of the industry, wafers per month, without the shock.
    shares : mapping of str to ndarray (draw, quarter)
        `capacity_shares`.
    as_of : date
    seed : int

    Returns
    -------
    dict of str to ndarray (draw, quarter)

    Raises
    ------
    ValueError
        A row names a maker that is none.
    """
    harsh = severity(np.arange(len(capacity)), seed)
    factors: dict[str, np.ndarray] = {}
    for row in records(rows):
        name = str(row["driver"])
        if not name.startswith(SUPPLIER_PREFIX):
            continue
        maker = name.removeprefix(SUPPLIER_PREFIX)
        if maker not in shares:
            raise ValueError(f"driver {name}: there is no maker {maker!r}; there are {', '.join(shares)}")
        own = capacity * shares[maker]
        before = factors.get(maker, np.ones_like(own))
        factors[maker] = shocked_path(row, own * before, harsh, as_of) / own
    return factors


def industry_factor(shares: Mapping[str, np.ndarray], factors: Mapping[str, np.ndarray]) -> np.ndarray:
    """Compute what is left of the industry's capacity (draw, quarter) when makers lose part of theirs."""
    return np.subtract(1.0, sum(shares[maker] * (1.0 - factor) for maker, factor in factors.items()))
