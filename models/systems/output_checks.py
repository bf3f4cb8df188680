"""Whether what a system gives can be published; the warehouse checks the same again in SQL."""

import numpy as np
import pandas as pd

from models.draws.quantiles import LEVELS
from models.draws.summary import quantile_columns
from models.vocabulary.wording import first_few

ITEM = ["system", "item", "measure"]
SHOWN = 3
SHARES_OF_A_WHOLE = ("supplier",)
"""Systems whose shares of one part add up to one over their items."""
NOT_NEGATIVE = ("usd", "tools", "gb", "share", "wafers_per_month")
"""Measures that can't be below zero."""
SHARE_TOLERANCE, WHOLE_TOLERANCE = 1e-6, 1e-4
"""Draws are in single precision: a share may pass one by the first, a sum of means miss it by the second."""


def faults(forecast: pd.DataFrame, lineage: pd.DataFrame) -> list[str]:
    """Say what is wrong with the rows of a system.

    Parameters
    ----------
    forecast : DataFrame
        Rows of table `system_forecast`.
    lineage : DataFrame
        Rows of table `system_lineage`.

    Returns
    -------
    list of str
        One line a fault; empty when all is well. A ratio of nothing to nothing may be missing, but then with
        all its quantiles.
    """
    found = []
    if forecast.empty:
        return ["it gives no series"]
    columns = quantile_columns(LEVELS)
    values = forecast[columns].to_numpy(dtype=float)
    whole, missing = np.isfinite(values).all(axis=1), np.isnan(values).all(axis=1)
    measure = forecast["measure"]
    share = ((measure == "share") | measure.str.endswith("_share")).to_numpy()
    middle = forecast["p50"].to_numpy(dtype=float)
    tests = {
        "quantiles that are not finite": ~(whole | missing),
        "quantiles that fall": whole & (np.diff(values, axis=1) < 0).any(axis=1),
        "a 5 % quantile below zero": measure.isin(NOT_NEGATIVE).to_numpy() & (values[:, 0] < 0),
        "shares with a median outside 0 to 1": share & ((middle < 0) | (middle > 1 + SHARE_TOLERANCE)),
        "shares of suppliers that do not add up to one": _off_whole(forecast),
    }
    for words, bad in tests.items():
        if bad.any():
            found.append(f"{words}: {_named(forecast[bad])}")
    named = (
        forecast[ITEM].drop_duplicates().merge(lineage[ITEM].drop_duplicates(), how="left", indicator=True)
    )
    if len(without := named[named["_merge"] == "left_only"]):
        found.append(f"nothing is said of what these rest on: {_named(without)}")
    return found


def _off_whole(forecast: pd.DataFrame) -> np.ndarray:
    """Rows of suppliers' shares whose means miss one over the suppliers (quantiles don't add up)."""
    of = forecast[forecast["system"].isin(SHARES_OF_A_WHOLE) & (forecast["measure"] == "share")]
    off = np.zeros(len(forecast), bool)
    if len(of):
        total = of.groupby(["part", "period"])["mean"].transform("sum", min_count=1)
        off[forecast.index.get_indexer(of.index[((total - 1).abs() > WHOLE_TOLERANCE).to_numpy()])] = True
    return off


def _named(rows: pd.DataFrame) -> str:
    columns = [c for c in (*ITEM, "part", "period") if c in rows]
    return first_few([" ".join(map(str, row)) for row in rows[columns].to_numpy()], SHOWN, "; ")
