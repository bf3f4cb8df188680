"""How far a printed figure may lie from what it is about: the one place for the errors of outcomes.

The scales are those that a posterior has learned where the caller has one
(`models.inference.scales.learned_scales`), else the medians of the assumptions, under the assumptions' names.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from models.evidence.assumptions import Prior, prior_named

TOPIC_FACTOR = "noise.topic_factor"
MOVES_AS = {
    "server": "server_shipments",
    "ai_server": "hbm_server_penetration",
    "accelerator": "hbm_server_penetration",
    "hbm": "hbm_server_penetration",
    "cowos": "hbm_server_penetration",
    "dram": "dram_revenue_ex_hbm_usd",
}
"""Topic to the driver whose volatility says how much its market moves in a year."""


@dataclass(frozen=True)
class FigureErrors:
    """Standard deviations of the log of printed figures.

    Attributes
    ----------
    priors : mapping of str to Prior
        Assumptions as known on the day of the reading.
    scales : mapping of str to float
        What is known better than by assumption: 'noise.actual', 'noise.undated_level',
        'foresight_lost_per_year.hbm', 'driver.dram_revenue_ex_hbm_usd.volatility', and
        'noise.topic_factor.hbm' for the factor of a topic.
    """

    priors: Mapping[str, Prior]
    scales: Mapping[str, float]

    def own(self, kind: str, topic: str) -> float:
        """Error of a figure of a kind about a topic."""
        return self._scale(f"noise.{kind}") * self.scales.get(f"{TOPIC_FACTOR}.{topic}", 1.0)

    def ahead(self, topic: str, group: str, horizon: float) -> float:
        """Error of a rational forecast besides its own.

        ``sqrt(k (1 - k))`` of what its market moves over the horizon, with the share of the news foreseen
        ``k = exp(-rate x horizon)`` (`models.inference.observation`, where both are learned).

        Parameters
        ----------
        topic, group : str
            One of `MOVES_AS`, and of `models.evidence.readings.FORESIGHT`.
        horizon : float
            Years.
        """
        foreseen = math.exp(-self._scale(f"foresight_lost_per_year.{group}") * horizon)
        moved = self._scale(f"driver.{MOVES_AS[topic]}.volatility") * horizon
        return math.sqrt(foreseen * (1.0 - foreseen)) * moved

    @property
    def undated(self) -> float:
        """Further error of a level printed for a span without a date."""
        return self._scale("noise.undated_level")

    def _scale(self, name: str) -> float:
        if name in self.scales:
            return float(self.scales[name])
        prior = prior_named(dict(self.priors), name)
        return float(prior.natural(np.array(prior.loc)))
