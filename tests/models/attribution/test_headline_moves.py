"""Headlines that moved by more than a share: each once, in the year that moved most, the largest first."""

import math

import pandas as pd

from models.attribution.headline_moves import headline_moves
from models.vocabulary.results.news import NOISE, WHOLE

ROWS = [
    ("a", "2026", WHOLE, 6.0, 100.0),
    ("a", "2027", WHOLE, -20.0, 100.0),
    ("a", "2027", NOISE, 90.0, 100.0),
    ("b", "2026", WHOLE, 5.0, 100.0),
    ("c", "2026", WHOLE, 0.0, 0.0),
    ("d", "2026", WHOLE, 1.0, 0.0),
]


def test_each_that_moved_is_told_once_and_a_move_of_just_the_share_is_none():
    news = pd.DataFrame(ROWS, columns=["quantity", "period", "part", "p50", "earlier_p50"]).assign(unit="usd")
    zero, large = headline_moves(news, 0.05)
    assert (zero.quantity, zero.share) == ("d", math.inf)
    assert (large.quantity, large.period, large.unit) == ("a", "2027", "usd")
    assert (large.earlier, large.later, large.share) == (100.0, 80.0, -0.2)
    assert len(headline_moves(news, 0.04)) == 3
    assert headline_moves(news.iloc[:0], 0.05) == []
