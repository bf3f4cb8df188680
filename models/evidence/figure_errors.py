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


@dataclass(frozen=True)
class FigureErrors:
    """Standard deviations of the log of printed figures.

    Attributes
    ----------
    priors : mapping of str to Prior
        Assumptions as known on the day of the reading.
    scales : mapping of str to float
        What is known better than by assumption: 'street.hbm', 'noise.actual', 'noise.horizon_per_year',
        'noise.undated_level', and 'noise.topic_factor.hbm' for the factor of a topic.
    """

    priors: Mapping[str, Prior]
    scales: Mapping[str, float]

    def own(self, kind: str, topic: str) -> float:
        """Error of a figure of a kind about a topic."""
        return self._scale(f"noise.{kind}") * self.scales.get(f"{TOPIC_FACTOR}.{topic}", 1.0)

    def per_year(self, topic: str) -> float:
        """Further error for each year of horizon left at publication."""
        return math.hypot(self._scale(f"street.{topic}"), self._scale("noise.horizon_per_year"))

    @property
    def undated(self) -> float:
        """Further error of a level printed for a span without a date."""
        return self._scale("noise.undated_level")

    def _scale(self, name: str) -> float:
        if name in self.scales:
            return float(self.scales[name])
        prior = prior_named(dict(self.priors), name)
        return float(prior.natural(np.array(prior.loc)))
