"""What holds of a forecast of the world, whatever its posterior was made with."""

import functools

import numpy as np
import pandas as pd
from scipy.stats import binom

from models.draws.joint import PERIODS
from models.vocabulary.periods import YEARS
from models.vocabulary.quantities import HEADLINES
from tests.world.files import PLANTED, TRUTH

# Quantities and years of one world move together: their hits count as this many independent ones.
INDEPENDENT_HITS = 12


@functools.cache
def truth() -> pd.Series:
    """True values by quantity and period."""
    return pd.read_csv(TRUTH, dtype={"period": str}).set_index(["quantity", "period"])["value"]


def intervals_hold_the_truth_about_as_often_as_they_say(draws: dict[str, np.ndarray]) -> None:
    """Headlines, 2021 to 2027; a binomial 99.8 % band for a dozen independent hits (tests/slow says more)."""
    for level in (0.5, 0.8, 0.9):
        tails = (1 - level) / 2
        hits = []
        for quantity in HEADLINES:
            low, high = np.quantile(draws[quantity][:, -len(YEARS) :], [tails, 1 - tails], axis=0)
            true = np.array([truth()[quantity, year] for year in YEARS])
            hits.append((low <= true) & (true <= high))
        share = np.mean(hits)
        least, most = binom.ppf([0.001, 0.999], INDEPENDENT_HITS, level) / INDEPENDENT_HITS
        assert least <= share <= most, f"{share:.0%} of the truths lie in {level:.0%} intervals"


def no_truth_is_unthinkable(draws: dict[str, np.ndarray], most: float = 4.0) -> None:
    """No headline's truth lies so many standard deviations off."""
    for quantity in HEADLINES:
        logs = np.log(draws[quantity][:, -len(YEARS) :])
        true = np.log([truth()[quantity, year] for year in YEARS])
        z = (true - logs.mean(axis=0)) / logs.std(axis=0)
        assert np.abs(z).max() < most, (quantity, z)


def the_past_is_better_known_than_the_future(draws: dict[str, np.ndarray]) -> None:
    """2024 is half as wide as 2027 at most."""
    for quantity in ("hbm_revenue_usd", "dram_revenue_usd", "cowos_capacity_wafers_per_month"):
        spread = np.log(draws[quantity][:, -len(YEARS) :]).std(axis=0)
        assert spread[YEARS.index("2024")] < 0.5 * spread[YEARS.index("2027")], quantity


def what_is_published_later_is_not_seen(fitted: pd.DataFrame, draws: dict[str, np.ndarray]) -> None:
    """The planted figure is not used, and no draw knows of it."""
    planted = fitted[fitted["figure_id"] == PLANTED[0]]
    assert not planted["used"].astype(bool).any()
    assert fitted["used"].astype(bool).sum() > 80
    at = PERIODS.index(PLANTED[2])
    assert np.quantile(draws[PLANTED[1] + "_usd"][:, at], 0.99) < PLANTED[-1] / 10
