"""Small problems for tests of the model (real assumptions and products, made-up figures)."""

from datetime import date

import numpy as np

from models.chain.drivers import drivers
from models.chain.equations import chain, stacked
from models.inference.observation import log_points, noise_scale, published
from models.inference.problem import Problem, build_problem, parameter_shapes, working_values
from models.vocabulary.periods import YEARS
from tests.market import MARKET
from tests.models.forecast_world import assumptions, figure, figures, products

NAN = float("nan")
AS_OF = date(2025, 6, 30)
STEP = 1e-4
# Fisher information of Student's t with four degrees of freedom times scale^2: (nu + 1) / (nu + 3).
STUDENT_INFORMATION = 5.0 / 7.0
ROUNDING_OF_LOGS = 2e-12
"""By how much a predicted log, or a log-likelihood, may differ when its sums are taken in another order or
with another library's exp and log. Both pass through zero, where no relative tolerance holds: a growth is the
difference of two logs of up to 28, which lie 4e-15 apart; a figure over or under its bound has the log of a
probability near one, and those lie 1e-16 apart; the density of a figure with the smallest error here (0.0025)
divides the rounding of its log by that error, 1.5e-12."""


def every_kind_of_figure() -> list[dict]:
    """Figures that between them use every part of the observation model."""
    rows = [
        figure("actual", 4.0e9, period="2023", kind="actual", published_on="2024-02-01"),
        figure("forecast", 1.6e10, period="2026"),
        figure("range", 2.2e10, low=1.8e10, high=2.6e10, period="2025"),
        figure("over", low=1.0e10, period="2025Q4", publisher="House B"),
        figure("under", high=6.0e9, period="2024Q1", publisher="House B"),
        figure("growth", 0.8, aggregation="growth", period="2025", publisher="House B"),
        figure("sequential", 0.1, aggregation="sequential_growth", period="2025Q2", publisher="House B"),
        figure("share", 0.2, quantity="hbm_share_of_dram_revenue", scale="logit", period="2024"),
        figure("share-over", low=0.3, quantity="hbm_share_of_dram_revenue", scale="logit", period="2026"),
        figure("ratio", 12.0, quantity="hbm_price_usd_per_gb", period="2024H1"),
        figure("per", 90.0, quantity="hbm_bits_gb", per_quantity="accelerator_shipments", period="2024"),
        figure(
            "level",
            33e3,
            quantity="cowos_capacity_tsmc_wafers_per_month",
            aggregation="end",
            period="2024-12",
            published_on="2024-11",
            published_precision="month",
        ),
        figure(
            "undated", 40e3, quantity="cowos_capacity_wafers_per_month", aggregation="mean", period="2024"
        ),
        figure(
            "fiscal",
            1.1e11,
            quantity="nvidia_datacenter_revenue_usd",
            period="FY2025",
            fiscal_year_end_month=1,
            kind="guidance",
            publisher="House C",
        ),
        figure(
            "offset", 18e6, quantity="server_shipments", definition="server_count_digitimes", period="2025"
        ),
        figure("estimate", 14e6, quantity="server_shipments", period="2022", kind="estimate"),
        figure(
            "plain", 1.2e10, quantity="dram_revenue_usd", period="2023Q4", kind="actual", publisher="House D"
        ),
        figure("assumed", 13e6, quantity="server_shipments", period="2023", kind="assumption"),
    ]
    return rows


def problem(rows: list[dict] | None = None, as_of: date = AS_OF, **options) -> Problem:
    rows = every_kind_of_figure() if rows is None else rows
    return build_problem(figures(*rows), products(), assumptions(), MARKET, as_of, **options)


def draws_of_prior(of: Problem, n: int, seed: int = 1, spread: float = 1.0, dtype=np.float64) -> dict:
    generator = np.random.default_rng(seed)
    shapes = parameter_shapes(of.operator, MARKET)
    return {k: (spread * generator.standard_normal((n, *s))).astype(dtype) for k, s in shapes.items()}


def one(draws: dict, i: int) -> dict:
    return {k: v[i] for k, v in draws.items()}


def yearly(row: np.ndarray, year: str) -> np.ndarray:
    first = 4 * YEARS.index(year)
    return row[..., first : first + 4].sum(axis=-1)


class Laplace:
    """Gaussian posterior of a problem linearised at the middle of its prior, from the model's own functions.

    One step of Gauss and Newton with Student-t errors replaced by their Fisher information. Crude as a
    posterior, exact in what it is used for: which errors are shared, and how far they hold the target back.
    """

    def __init__(self, of: Problem) -> None:
        self.problem = of
        self.shapes = parameter_shapes(of.operator, MARKET)
        self.size = sum(int(np.prod(s)) for s in self.shapes.values())
        base = np.zeros((1, self.size))
        expected = self._expected(np.concatenate([base, STEP * np.eye(self.size)]))
        jacobian = ((expected[1:] - expected[:1]) / STEP).T
        scale = noise_scale(np, self._theta(base), of.operator.arrays)[0]
        precision = of.weight * STUDENT_INFORMATION / scale**2
        self.covariance = np.linalg.inv(np.eye(self.size) + (jacobian.T * precision) @ jacobian)
        residual = of.operator.arrays["y"] - expected[0]
        self.mean = self.covariance @ (jacobian.T @ (precision * residual))

    def _theta(self, vectors: np.ndarray) -> dict:
        raw, at = {}, 0
        for name, shape in self.shapes.items():
            size = int(np.prod(shape))
            raw[name] = vectors[:, at : at + size].reshape(-1, *shape)
            at += size
        return working_values(raw, self.problem.data())

    def _rows(self, vectors: np.ndarray) -> np.ndarray:
        return stacked(
            np, chain(np, drivers(np, self._theta(vectors), self.problem.fixed, MARKET), MARKET), MARKET
        )

    def _expected(self, vectors: np.ndarray) -> np.ndarray:
        obs = self.problem.operator.arrays
        points = log_points(np, self._rows(vectors), obs)
        return published(np, points, self._theta(vectors), obs)

    def log_target(self, target) -> tuple[float, float]:
        """Posterior mean and standard deviation of ``target(rows)``, a log of rows (draw, row, quarter)."""
        vectors = np.concatenate([np.zeros((1, self.size)), STEP * np.eye(self.size)])
        values = target(self._rows(vectors))
        gradient = (values[1:] - values[0]) / STEP
        return float(values[0] + gradient @ self.mean), float(np.sqrt(gradient @ self.covariance @ gradient))
