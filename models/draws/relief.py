"""Which stage limits what is shipped, in each joint draw."""

import numpy as np

from models.chain.equations import SMOOTH_MINIMUM_SHARPNESS
from models.draws.joint import Draws
from models.vocabulary.periods import N_QUARTERS
from models.vocabulary.quantities import STAGES

LIMITS = (
    ("hbm", "hbm_bits_supply_gb", "hbm_bits_demand_gb"),
    ("cowos", "cowos_wafers_supply", "cowos_wafers_demand"),
)
"""Stage, what can be supplied of it and what is wanted."""


def relief_shares(drawn: Draws) -> np.ndarray:
    """Share of a small relief of each stage that would reach shipments, in each draw and quarter.

    Shipments are a smooth minimum of what is wanted and what can be supplied, for customers and makers
    differ: where two limits are near each other each binds a part of the industry. With the ratios ``x`` of
    supply to demand and the sharpness ``b``, ``d log shipped / d log limit_j = x_j^-b / (1 + sum x^-b)``;
    what is left is demand's.

    Parameters
    ----------
    drawn : Draws

    Returns
    -------
    ndarray (draw, stage, quarter)
        In the order of `STAGES`; stages sum to one.
    """
    quarter = slice(None), slice(N_QUARTERS)
    tightness = {"demand": np.ones_like(drawn["hbm_bits_supply_gb"][quarter], dtype=float)}
    for stage, supply, demand in LIMITS:
        ratio = drawn[supply][quarter].astype(float) / drawn[demand][quarter]
        tightness[stage] = ratio**-SMOOTH_MINIMUM_SHARPNESS
    stacked = np.stack([tightness[stage] for stage in STAGES], axis=1)
    return stacked / stacked.sum(axis=1, keepdims=True)
