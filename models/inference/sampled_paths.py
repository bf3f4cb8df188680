"""In which variables paths of drivers and classes are sampled: the sampler's choice, not the model's.

`models.inference.pymc_model.standardised` takes what is laid out here.
"""

import numpy as np

from models.vocabulary.drivers import DRIVERS, FINE_DRIVERS
from models.vocabulary.market import Market

PINNED, HALF_PINNED, NOT_PINNED, OF_CLASS = (1.0, 1.0), (0.45, 0.7), (0.0, 0.0), (0.4, 0.2)
"""How far the shocks of a path are sampled in fixed units (1) or in units of their own volatility (0): the
slowest shock, and each next one as a part of the one before.

A shock that figures pin down mixes best in fixed units, one that they don't in its own: otherwise it makes a
funnel with its volatility. What is best is the part of its prior variance that the figures take away. Of a
class's share of the packages they say its slowest move and hardly anything else, of a half pinned driver a
part that falls off from the slowest on.
"""
CENTRING = {
    "other_ai_servers": HALF_PINNED,
    "hbm_other_use": HALF_PINNED,
    "hbm_base_price_usd_per_gb": HALF_PINNED,
    "dram_bits_ex_hbm_gb": HALF_PINNED,
    "dram_wafer_capacity_wafers_per_month": HALF_PINNED,
    "cowos_capacity_others_wafers_per_month": HALF_PINNED,
    "accelerators_per_server": NOT_PINNED,
}
"""Of drivers that quarterly reports don't pin down."""


def centring(market: Market, n_shocks: int) -> np.ndarray:
    """Lay out `CENTRING` and `OF_CLASS`, (driver or class, shock)."""
    rules = [CENTRING.get(driver, PINNED) for driver in DRIVERS] + [OF_CLASS] * len(market.classes)
    slowest, next_part = np.array(rules).T
    return slowest[:, None] * next_part[:, None] ** np.arange(n_shocks)


def path_rotation(
    loc: dict[str, np.ndarray], scale: dict[str, np.ndarray], fixed: dict[str, np.ndarray]
) -> np.ndarray:
    """Right singular vectors of each driver's map from (level, drift, shocks) to its path.

    Parameters
    ----------
    loc, scale : dict of ndarray
        As in `Problem`; read are the location of ``driver_log_volatility`` and the scales of ``driver_level``
        and ``driver_drift``, each (driver,).
    fixed : dict of ndarray
        With ``years`` (quarter,), ``basis_smooth`` and ``basis_slow`` (quarter, shock).

    Returns
    -------
    ndarray (driver, coordinate, axis)
        Orthogonal for each driver, so standard normals stay standard normals.
    """
    volatility = np.exp(loc["driver_log_volatility"])
    ones = np.ones_like(fixed["years"])
    maps = [
        np.column_stack(
            [
                scale["driver_level"][i] * ones,
                scale["driver_drift"][i] * fixed["years"],
                volatility[i] * fixed["basis_slow" if driver in FINE_DRIVERS else "basis_smooth"],
            ]
        )
        for i, driver in enumerate(DRIVERS)
    ]
    return np.stack([np.linalg.svd(m)[2].T for m in maps])
