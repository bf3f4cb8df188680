"""What a posterior has learned of how figures err, under the assumptions' names."""

from collections.abc import Mapping

import numpy as np

from models.chain.drivers import DRIVERS
from models.evidence.figure_errors import TOPIC_FACTOR
from models.evidence.readings import FORESIGHT
from models.inference.error_terms import OTHER_NOISE
from models.inference.operator import KINDS, TOPICS
from models.inference.problem import Problem

SCALE_BLOCKS: Mapping[str, tuple[str, ...]] = {
    "log_forgetting": tuple(f"foresight_lost_per_year.{group}" for group in FORESIGHT),
    "driver_log_volatility": tuple(f"driver.{driver}.volatility" for driver in DRIVERS),
    "log_noise_kind": tuple(f"noise.{kind}" for kind in KINDS),
    "log_noise_topic": tuple(f"{TOPIC_FACTOR}.{topic}" for topic in TOPICS),
    "log_noise_other": OTHER_NOISE,
}
"""Blocks of the posterior, all logs, and the assumption that each element is of."""


def learned_scales(problem: Problem, flat: Mapping[str, np.ndarray]) -> dict[str, float]:
    """Posterior medians of the scales of figures' errors.

    Parameters
    ----------
    problem : Problem
    flat : mapping of str to ndarray (draw, ...)
        The posterior; a block that it lacks is left out, for an older posterior may have kept none.

    Returns
    -------
    dict of str to float
        For `models.evidence.figure_errors.FigureErrors`.
    """
    found: dict[str, float] = {}
    for block, names in SCALE_BLOCKS.items():
        if block in flat:
            middle = np.median(np.asarray(flat[block], float), axis=0)
            values = np.exp(problem.loc[block] + problem.scale[block] * middle)
            found |= dict(zip(names, map(float, values), strict=True))
    return found
