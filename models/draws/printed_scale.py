"""From the working scale of a figure to the scale it is printed on: undoes `models.evidence.readings`."""

import numpy as np


def to_printed_scale(
    working: np.ndarray | float, is_logit: np.ndarray | bool, is_less_one: np.ndarray | bool
) -> np.ndarray:
    """Carry values of figures from the working scale to the printed one.

    Parameters
    ----------
    working : ndarray (..., figure), or any shape of one figure
        Log, or logit where `is_logit`.
    is_logit : ndarray of bool (figure,) or bool
        Whether the figure is a share.
    is_less_one : ndarray of bool (figure,) or bool
        Whether it is printed as a ratio less one (`models.evidence.mapping.LESS_ONE`).

    Returns
    -------
    ndarray, shape of `working`
        In the base unit of the metric; a share and a growth rate as fractions.
    """
    # The branch that is not taken may overflow.
    with np.errstate(over="ignore"):
        level = np.where(is_logit, 1 / (1 + np.exp(-np.asarray(working))), np.exp(working))
    return level - np.asarray(is_less_one, float)
