"""Which headline medians moved by more than a share of what they were."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.vocabulary.results.news import WHOLE


@dataclass(frozen=True)
class HeadlineMove:
    """How far the median of a quantity moved in one year.

    Attributes
    ----------
    quantity, period, unit : str
    earlier, later : float
        Medians.
    share : float
        The move as a share of the earlier median, with its sign; infinite where that was zero.
    """

    quantity: str
    period: str
    unit: str
    earlier: float
    later: float
    share: float


def headline_moves(news: pd.DataFrame, least: float) -> list[HeadlineMove]:
    """Find the quantities whose median moved by more than a share, each in the year that moved most.

    Parameters
    ----------
    news : DataFrame
        As `models.attribution.news.unmoved` gives it, since one earlier run.
    least : float
        Share of the earlier median that a move must exceed.

    Returns
    -------
    list of HeadlineMove
        The largest first.
    """
    whole = news[(news["part"] == WHOLE) & (news["p50"] != 0)]
    with np.errstate(divide="ignore"):
        share = whole["p50"].to_numpy(float) / np.abs(whole["earlier_p50"].to_numpy(float))
    moved = whole.assign(share=share, size=np.abs(share), later=whole["earlier_p50"] + whole["p50"])
    moved = moved[moved["size"] > least].sort_values("size", ascending=False, kind="stable")
    columns = ["quantity", "period", "unit", "earlier_p50", "later", "share"]
    return [HeadlineMove(*row) for row in moved.drop_duplicates("quantity")[columns].itertuples(index=False)]
