"""The chain that all contenders simulate: the priors and products of data/, every input drawn afresh."""

from datetime import date
from functools import cache

import numpy as np
import pandas as pd

from models.chain.drivers import block_shapes
from models.evidence.evidence import Evidence
from models.evidence.validation import validate
from models.inference.from_evidence import problem_from_evidence
from models.inference.problem import Problem
from models.vocabulary.periods import N_QUARTERS, YEARS
from tests.evidence import evidence_of_tables
from tests.market import MARKET
from tests.places import DATA

SEED = 20260101
DAY = date(2026, 11, 29)
# Peak of the whole-array rival, measured: about 80 KB a draw.
WHOLE_ARRAY_BYTES = 100_000


def evidence() -> Evidence:
    """Read and check the CSV files of the repository."""
    raw = {
        str(path.relative_to(DATA)): pd.read_csv(path, dtype=str, keep_default_na=False)
        for path in sorted(DATA.rglob("*.csv"))
    }
    return evidence_of_tables(validate(raw, DAY).accepted)


@cache
def world() -> Problem:
    """Build the problem from the CSV files of the repository; once a process, so not to be changed."""
    return problem_from_evidence(evidence(), DAY)


def n_inputs() -> int:
    """Random numbers behind one draw."""
    return sum(int(np.prod(shape)) for shape in block_shapes(MARKET).values())


def yearly_float64(rows: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Quarters and years of every quantity on whole arrays, as an analyst would write it, (draw, period)."""
    out: dict[str, np.ndarray] = {}
    for quantity in MARKET.quantities:
        if quantity.yearly == "ratio":
            continue
        quarters = rows[quantity.name][:, :N_QUARTERS]
        by_year = quarters.reshape(len(quarters), len(YEARS), 4)
        years = by_year.sum(axis=2) if quantity.yearly == "sum" else by_year[:, :, -1]
        out[quantity.name] = np.concatenate([quarters, years], axis=1)
    for quantity in MARKET.quantities:
        if quantity.yearly == "ratio":
            out[quantity.name] = out[quantity.numerator] / out[quantity.denominator]
    return {name: out[name] for name in MARKET.by_name}
