"""What a run has once its futures are drawn: all that a table of results may be made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from models.draws.joint import Draws
from models.evidence.evidence import Evidence
from models.inference.problem import Problem


@dataclass(frozen=True)
class DrawnRun:
    """A run with its posterior and its joint draws.

    Attributes
    ----------
    as_of : date
    seed : int
    known : Evidence
        Evidence of the day, figures as printed.
    resolved : DataFrame
        Its figures, mapped and in base units.
    problem : Problem
        What the posterior was fitted to.
    flat : mapping of str to ndarray
        The posterior, (chain * draw, ...).
    drawn : Draws
        Every quantity of the chain.
    """

    as_of: date
    seed: int
    known: Evidence
    resolved: pd.DataFrame
    problem: Problem
    flat: Mapping[str, np.ndarray]
    drawn: Draws
