"""The problem of one vintage: evidence as arrays, and the chain on NumPy draws of its parameters.

Everything a vintage changes is data: weights of the figures, priors known by then, the catalogue of products
announced by then.
"""

from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
import pandas as pd

from models.chain.array_api import Array, Arrays
from models.chain.drivers import bases, block_shapes, drivers, prior_arrays
from models.chain.equations import chain, stacked
from models.chain.product_classes import Catalogue, build_catalogue
from models.evidence.assumptions import read_priors
from models.evidence.known import known_products
from models.inference.error_terms import OTHER_NOISE, error_priors, error_shapes
from models.inference.news import distinct_news, elasticities, mix_size, news_arrays
from models.inference.observation import with_sums
from models.inference.operator import Operator, build_operator, vintage_weights
from models.inference.sampled_paths import centring, path_rotation
from models.vocabulary.drivers import DRIVERS
from models.vocabulary.market import Market

SWITCHES = (
    "publisher_bias",
    "unforeseen_news",
    "damped_trend",
    "street_error",
    "echo_control",
    "definition_offsets",
    "censoring",
)
"""Parts of the observation model that can be left out."""
NEXT_TO_NOTHING = -20.0
"""On a log or logit scale, which has no zero: what is switched off."""


@dataclass
class Problem:
    """All inputs of one fit, as arrays.

    Attributes
    ----------
    market : Market
        Order of the classes and generations in every array.
    as_of : date
    operator : Operator
    weight : ndarray (figure,)
        Weight of each figure in this vintage.
    loc, scale : dict of ndarray
        Prior location and scale of each parameter block.
    fixed : dict of ndarray
        Path bases and catalogue arrays.
    catalogue : Catalogue
    left_out_share : ndarray (figure,), optional
        Of posteriors that each lack one figure, which `models.inference.left_out` samples together.
    """

    market: Market
    as_of: date
    operator: Operator
    weight: np.ndarray
    loc: dict[str, np.ndarray]
    scale: dict[str, np.ndarray]
    fixed: dict[str, np.ndarray]
    catalogue: Catalogue
    switched_off: tuple[str, ...] = field(default=())
    left_out_share: np.ndarray | None = None

    def data(self) -> dict[str, np.ndarray]:
        """Flat name-to-array view: what `pm.Data` holds."""
        out = {f"obs_{k}": v for k, v in self.operator.arrays.items()}
        out |= {f"loc_{k}": v for k, v in self.loc.items()}
        out |= {f"scale_{k}": v for k, v in self.scale.items()}
        out |= {f"fixed_{k}": v for k, v in self.fixed.items()}
        return out | {
            "weight": self.weight,
            "left_out_share": np.zeros_like(self.weight)
            if self.left_out_share is None
            else self.left_out_share,
            "centring": centring(self.market, self.fixed["basis_smooth"].shape[1]),
            "rotation": path_rotation(self.loc, self.scale, self.fixed),
        }


def build_problem(
    figures: pd.DataFrame,
    products: pd.DataFrame,
    assumptions: pd.DataFrame,
    market: Market,
    as_of: date,
    operator: Operator | None = None,
    switch_off: tuple[str, ...] = (),
    withhold: frozenset[str] = frozenset(),
) -> Problem:
    """Bring evidence into the arrays of one vintage.

    Parameters
    ----------
    figures : DataFrame
        As `models.inference.operator.build_operator` wants them.
    products, assumptions : DataFrame
        Columns of data/products.csv and data/assumptions.csv.
    market : Market
    as_of : date
    operator : Operator, optional
        A stacked operator to share between vintages; made from the figures published by `as_of` otherwise.
    switch_off : tuple of str
        Parts of the observation model to leave out, of `SWITCHES` (tests and ablations).
    withhold : frozenset of str
        Publishers to leave out.

    Returns
    -------
    Problem

    Raises
    ------
    ValueError, KeyError
        An assumption or product is missing or can't be read, named.
    """
    unknown = set(switch_off) - set(SWITCHES)
    if unknown:
        raise ValueError(f"unknown switches {sorted(unknown)}; known: {', '.join(SWITCHES)}")
    operator = operator or build_operator(figures, market, as_of)
    priors = read_priors(assumptions, as_of)
    catalogue = build_catalogue(known_products(products, as_of), priors, market, as_of)
    loc, scale = prior_arrays(priors, catalogue, market)
    error_loc, error_scale = error_priors(priors, operator)
    problem = Problem(
        market,
        as_of,
        operator,
        vintage_weights(operator.figures, as_of, withhold),
        loc | error_loc,
        scale | error_scale,
        bases() | catalogue.arrays,
        catalogue,
        switch_off,
    )
    problem.operator = with_news(operator, problem)
    for name in switch_off:
        _switch_off(problem, name)
    return problem


def with_news(operator: Operator, problem: Problem) -> Operator:
    """Add to an operator's arrays what was news after each publication (`models.inference.news`).

    The chain's elasticities are taken at the medians of the problem's priors.
    """
    arrays = dict(operator.arrays)
    theta = {name: values[None] for name, values in problem.loc.items()}

    def log_rows(shift: np.ndarray) -> np.ndarray:
        moved = theta | {"driver_level": theta["driver_level"] + shift}
        same = {name: np.broadcast_to(v, (len(shift), *v.shape[1:])) for name, v in moved.items()}
        with np.errstate(divide="ignore"):
            return np.log(with_sums(np, quantity_rows(same, problem), arrays["sum_rows"]))

    news = news_arrays(arrays, elasticities(log_rows, len(DRIVERS)), problem.loc["driver_drift"])
    news["mix_size"] = mix_size(arrays)
    # A share moves by 1 / (1 - share) as much on the logit scale as on the log scale.
    slope = np.where(arrays["is_logit"] > 0, 1.0 + np.exp(arrays["y"]), 1.0)
    terms = np.where(arrays["term_sign"] == 0, 0, arrays["term_point"] + 1) * arrays["term_sign"]
    said = np.column_stack([terms, arrays["last_known"], slope])
    arrays |= distinct_news(
        {name: (values.T * slope).T for name, values in news.items()}, said, arrays["horizon"] == 0
    )
    arrays["news_drift_expected"] = arrays["news_drift"] @ problem.loc["driver_drift"]
    arrays["news_drift_size"] = np.abs(arrays["news_drift"]) * problem.scale["driver_drift"]
    arrays["regresses"] = np.ones(len(slope))
    return replace(operator, arrays=arrays)


def _switch_off(problem: Problem, name: str) -> None:
    """Leave one part of the observation model out, by its data alone."""
    # A copy: the operator may be shared between vintages.
    problem.operator = replace(problem.operator, arrays=dict(problem.operator.arrays))
    arrays = problem.operator.arrays
    if name in ("publisher_bias", "definition_offsets"):
        block = {"publisher_bias": "publisher_bias", "definition_offsets": "definition_offset"}[name]
        _pin(problem, block, 0.0)
        if name == "definition_offsets":
            _without_noise(problem, "noise.other_definition")
    elif name == "street_error":
        for block in ("street_target", "street_time"):
            _pin(problem, block, 0.0)
    elif name == "damped_trend":
        # Next to nothing of the trend is left out.
        _pin(problem, "logit_trend_carried", -NEXT_TO_NOTHING)
    elif name == "unforeseen_news":
        arrays["regresses"] = np.zeros_like(arrays["regresses"])
    elif name == "echo_control":
        problem.weight = (problem.operator.figures["known_on"] <= problem.as_of).to_numpy(float)
    elif name == "censoring":
        arrays["censored"] = np.zeros_like(arrays["censored"])


def _pin(problem: Problem, block: str, value: float) -> None:
    """Give all of a block one value, which no figure moves."""
    problem.loc[block] = np.full_like(problem.loc[block], value)
    problem.scale[block] = np.zeros_like(problem.scale[block])


def _without_noise(problem: Problem, name: str) -> None:
    """Leave one noise out."""
    problem.loc["log_noise_other"] = problem.loc["log_noise_other"].copy()
    problem.loc["log_noise_other"][OTHER_NOISE.index(name)] = NEXT_TO_NOTHING


def parameter_shapes(operator: Operator, market: Market) -> dict[str, tuple[int, ...]]:
    """Shapes of all free parameter blocks."""
    return block_shapes(market) | error_shapes(operator)


def working_values(raw: Arrays, problem_data: Arrays) -> dict[str, Array]:
    """Parameter blocks on their working scales: ``loc + scale * raw``."""
    return {k: problem_data[f"loc_{k}"] + problem_data[f"scale_{k}"] * v for k, v in raw.items()}


def quantity_rows(theta: Arrays, problem: Problem) -> np.ndarray:
    """Run the chain on NumPy draws of the parameters on their working scales, (draw, row, quarter)."""
    # A class long before its launch has exp(-large): a weight of zero is meant.
    with np.errstate(over="ignore", under="ignore"):
        inputs = drivers(np, theta, problem.fixed, problem.market)
        return stacked(np, chain(np, inputs, problem.market), problem.market)


def predict(raw: dict[str, np.ndarray], problem: Problem) -> dict[str, np.ndarray]:
    """Run the chain on NumPy draws of the free parameters.

    Parameters
    ----------
    raw : dict of arrays (draw, ...)
    problem : Problem

    Returns
    -------
    dict of arrays (draw, quarter)
    """
    rows = quantity_rows(working_values(raw, problem.data()), problem)
    return {name: rows[..., i, :] for i, name in enumerate(problem.market.row_names)}
