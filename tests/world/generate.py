"""Truth and publications of a synthetic world: the priors and the observation model run forward."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from models.draws.joint import PERIODS, collect
from models.draws.simulate import simulate
from models.inference.observation import log_points, noise_scale, predicted, published
from models.inference.problem import Problem, build_problem, parameter_shapes, quantity_rows, working_values
from models.vocabulary.market import CLASS_TABLE, GENERATION_TABLE, Market, market_of
from tests.places import DATA as REAL_DATA
from tests.world.design import AS_OF, DEFINITION, METRICS, NVIDIA_YEAR_END, TODAY, slots

DATA = Path(__file__).resolve().parent / "data"
MARKET_FILES = (CLASS_TABLE, GENERATION_TABLE)
NAN = float("nan")
DEGREES_OF_FREEDOM = 4


@dataclass
class World:
    """One world: what is true, and what was published about it.

    Attributes
    ----------
    raw : dict of ndarray
        True parameters on their standard-normal scale, without leading axis.
    truth : dict of ndarray (period,)
        Every published quantity, periods as `models.draws.joint.PERIODS`.
    figures : DataFrame
        Publications in base units, as `models.inference.operator.build_operator` wants them, with the metric.
    problem : Problem
        Ready to be sampled.
    """

    raw: dict[str, np.ndarray]
    truth: dict[str, np.ndarray]
    figures: pd.DataFrame
    problem: Problem


def world_assumptions() -> pd.DataFrame:
    """Return the committed assumptions of the world."""
    return _read(DATA, "assumptions")


def world_products() -> pd.DataFrame:
    """Return the committed catalogue of the world."""
    return _read(DATA, "products")


@cache
def world_market() -> Market:
    """Return the classes and generations of the world."""
    return market_of({name: _read(DATA, name) for name in MARKET_FILES})


def _read(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False)


def renew_inputs() -> None:
    """Take assumptions, products and market over from the repository's data, as known on the world's date."""
    table = _read(REAL_DATA, "assumptions")
    known = table[table["known_since"] <= AS_OF.isoformat()].drop_duplicates("assumption", keep="last")
    other = known["assumption"].str.startswith("definition_offset.")
    kept = known[~other | (known["assumption"] == f"definition_offset.{DEFINITION}")]
    kept = kept.assign(known_since="2021-01", source="synthetic world", basis="judgement")
    products = _read(REAL_DATA, "products")
    products = products[products["announced_on"] <= TODAY.isoformat()]
    products = products.assign(source_id="catalogue", note="as in the repository's catalogue")
    DATA.mkdir(exist_ok=True)
    market = ((name, _read(REAL_DATA, name)) for name in MARKET_FILES)
    for name, frame in (("assumptions", kept), ("products", products), *market):
        frame.to_csv(DATA / f"{name}.csv", index=False, lineterminator="\n")


def make_world(
    seed: int,
    assumptions: pd.DataFrame | None = None,
    products: pd.DataFrame | None = None,
    as_of: date = AS_OF,
    echoes: bool = True,
) -> World:
    """Draw a world: truth from the priors, publications from the observation model.

    The posterior given these publications is calibrated by construction, if the sampler and the chain are
    right: whether a bound reads "over" or "under" follows from the figure behind it, and bounds and widths of
    ranges are chosen without looking at the truth. Echoes break that a little: they carry the bias of another
    publisher than their own.
    """
    assumptions = world_assumptions() if assumptions is None else assumptions
    products = world_products() if products is None else products
    generator = np.random.default_rng(seed)
    blank = _blank_figures(echoes)
    problem = build_problem(blank, products, assumptions, world_market(), as_of)
    if len(problem.operator.unused):
        raise ValueError(f"statements the model can't use: {problem.operator.unused.to_dict('records')}")
    shapes = parameter_shapes(problem.operator, problem.market)
    raw = {name: generator.standard_normal(shape) for name, shape in shapes.items()}
    obs = problem.operator.arrays
    expected, systematic, scale = _errors(problem, raw)
    assert list(problem.operator.figures["figure_id"]) == list(blank["figure_id"])
    printed = expected + systematic + scale * generator.standard_t(DEGREES_OF_FREEDOM, len(blank))
    middle, _, _ = _errors(problem, {name: np.zeros(shape) for name, shape in shapes.items()})
    at = {figure_id: i for i, figure_id in enumerate(problem.operator.figures["figure_id"])}
    origin = np.array([at[o] for o in problem.operator.figures["origin_id"]])
    figures = _printed(blank, printed[origin], middle, obs["is_logit"])
    truth = collect(simulate(problem, {k: v[None] for k, v in raw.items()}, 1, 0, dtype=np.float64))
    problem = build_problem(figures, products, assumptions, world_market(), as_of)
    return World(raw, {name: values[0] for name, values in truth.by_quantity.items()}, figures, problem)


def _errors(problem: Problem, raw: dict) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Expected figures, their shared errors and the scale of their own, (figure,)."""
    theta = working_values(raw, problem.data())
    obs = problem.operator.arrays
    rows = quantity_rows(theta, problem)
    assert rows.shape[0] == len(problem.market.row_names)
    points = log_points(np, rows, obs)
    expected = predicted(np, points, obs)
    return expected, published(np, points, theta, obs) - expected, noise_scale(np, theta, obs)


def _blank_figures(echoes: bool) -> pd.DataFrame:
    """Return the statements with placeholders for numbers."""
    rows = []
    for slot in slots(echoes):
        unit, quantity, aggregation, scale, *_ = METRICS[slot["metric"]]
        value = {"fraction": 0.5}.get(unit, 1.0)
        width = np.exp(slot["half_width"])
        numbers = {
            "point": (value, NAN, NAN),
            "range": (NAN, value / width, value * width),
            "bound": (NAN, value, NAN),
        }[slot["form"]]
        precision = {10: "day", 7: "month", 4: "year"}[len(slot["published_on"])]
        rows.append(
            slot
            | {
                "origin_id": slot["repeats"] or slot["figure_id"],
                "quantity": quantity,
                "per_quantity": "",
                "aggregation": aggregation,
                "scale": scale,
                "unit": unit,
                "fiscal_year_end_month": NVIDIA_YEAR_END if slot["period"].startswith("FY") else NAN,
                "published_precision": precision,
                **dict(zip(("value", "low", "high"), numbers, strict=True)),
            }
        )
    return pd.DataFrame(rows)


def _printed(
    blank: pd.DataFrame, working: np.ndarray, middle: np.ndarray, is_logit: np.ndarray
) -> pd.DataFrame:
    """Put numbers with five digits in the place of the placeholders."""
    figures = blank.copy()
    for column in ("value", "low", "high"):
        figures[column] = figures[column].astype(float)
    for i, row in enumerate(blank.itertuples()):
        shift = 1.0 if row.aggregation == "growth" else 0.0

        def natural(x: float, i: int = i, shift: float = shift) -> float:
            value = 1 / (1 + np.exp(-x)) if is_logit[i] else np.exp(x) - shift
            return float(f"{value:.5g}")

        cells = {"value": NAN, "low": NAN, "high": NAN}
        if row.form == "point":
            cells["value"] = natural(working[i])
        elif row.form == "range":
            cells["low"], cells["high"] = (natural(working[i] + s * row.half_width) for s in (-1, 1))
        else:
            cells["low" if working[i] > middle[i] else "high"] = natural(middle[i])
        for column, value in cells.items():
            figures.iloc[i, figures.columns.get_loc(column)] = value
    return figures


def is_plain(world: World) -> bool:
    """Whether a world looks like a market an analyst would recognise, and not like a corner of the priors."""
    revenue = world.truth["hbm_revenue_usd"][PERIODS.index("2024")]
    fill = world.truth["fill_rate"][:28]
    return 8e9 < revenue < 4e10 and fill.min() > 0.3


def truth_table(world: World) -> pd.DataFrame:
    """The truth as a table: quantity, period, value."""
    frames = [
        pd.DataFrame({"quantity": name, "period": PERIODS, "value": world.truth[name]})
        for name in world.problem.market.by_name
    ]
    assert len(frames) == len(world.problem.market.quantities)
    return pd.concat(frames, ignore_index=True)
