"""A scenario of one's own, put together from shocks as they are written on a command line."""

from collections.abc import Sequence

import pandas as pd

from models.evidence.checks.scenarios import (
    CLASS_WEIGHT_PREFIX,
    SUPPLIER_PREFIX,
    read_scenarios,
    shockable,
)
from models.evidence.evidence import Evidence
from models.evidence.tables.systems import DELAY, MULTIPLY

OWN = "own"


def own_scenario(
    multiply: Sequence[str],
    delay: Sequence[str],
    first: str,
    last: str,
    ramp: int,
    known: Evidence,
    asked_in: str = "the command line",
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Put a scenario together from shocks as they are written on a command line.

    Parameters
    ----------
    multiply, delay : sequence of str
        ``driver=size`` or ``driver=low:high``, the 90 % interval. A driver may go by the name of a product
        or of its class, whose place in the mix is meant, or of a maker of HBM.
    first, last : str
        Quarters, as `from_quarter` and `to_quarter`.
    ramp : int
        Quarters until a shock has its size.
    known : Evidence
        'products', 'suppliers' and the market.
    asked_in : str
        Where, for messages.

    Returns
    -------
    accepted, rejected : DataFrame
        As of `read_scenarios`.

    Raises
    ------
    ValueError
        A shock is not written so.
    """
    rows = []
    for operation, shocks in ((MULTIPLY, multiply), (DELAY, delay)):
        for shock in shocks:
            name, _, size = shock.partition("=")
            if not name or not size:
                raise ValueError(f"{shock!r} is no shock: write driver=size, as hbm_server_penetration=1.1")
            low, _, high = size.partition(":")
            rows.append(
                {
                    **{
                        "scenario": OWN,
                        "title": f"Asked for in {asked_in}",
                        "driver": _meant(name, known),
                    },
                    **{"operation": operation, "p05": low.strip(), "p95": (high or low).strip()},
                    **{"from_quarter": first, "to_quarter": last, "ramp_quarters": str(ramp)},
                    **{"basis": "judgement", "source": asked_in, "description": shock},
                }
            )
    return read_scenarios(pd.DataFrame(rows), known.market, asked_in)


def _meant(name: str, known: Evidence) -> str:
    """Driver that a word means: a driver itself, a class, a product's class, or a maker."""
    word = name.strip()
    if word in shockable(known.market):
        return word
    if word in known.market.class_names:
        return CLASS_WEIGHT_PREFIX + word
    if len(known.suppliers) and word in set(known.suppliers["supplier"]):
        return SUPPLIER_PREFIX + word
    if len(known.products):
        of_product = known.products[known.products["product"].str.lower() == word.lower()]
        if len(of_product):
            return CLASS_WEIGHT_PREFIX + str(of_product["class"].iloc[-1])
    return word
