"""What a run must keep to be published: the thresholds of the gate, those of a first forecast too."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Thresholds:
    """What a run must reach.

    Attributes
    ----------
    divergent_share : float
        Tolerated share of divergent draws. Two in 10,000: a lone divergence leaves no mark on a 5 % quantile,
        a region that the sampler can't enter gives many more.
    rhat, ess : float
        For every published quantity and period.
    parameter_rhat : float
        For the parameters, which aren't published. Of 700 some pass 1.01 by chance alone; one that sits in
        different places in different chains is far above 1.05.
    bfmi : float
        Energy: below 0.3 the sampler explores the tails too slowly.
    coverage : tuple of (level, least, most)
        Share of used figures inside the central interval expected for them. Loose: the figures were used in
        the fit, and many are rounded.
    coverage_minimum : int
        Fewer figures than this say nothing about coverage: it then only informs.
    identity : float
        Relative residual of an accounting identity in a draw, float32.
    share_sum : float
        Distance of a sum of shares from one, and how far a supply limit may be passed, in float32.
    headline_error : float
        Monte Carlo standard error of p05 and p95 of headline quantities, relative.
    headline_years : int
        It decides for years that end no later than so many years after the as-of day.
    """

    divergent_share: float = 0.0002
    rhat: float = 1.01
    ess: float = 400.0
    parameter_rhat: float = 1.05
    bfmi: float = 0.3
    coverage: tuple[tuple[float, float, float], ...] = ((0.5, 0.35, 0.85), (0.8, 0.65, 0.98), (0.9, 0.8, 1.0))
    coverage_minimum: int = 30
    identity: float = 2e-6
    share_sum: float = 1e-5
    headline_error: float = 0.01
    headline_years: int = 2


THRESHOLDS = Thresholds()
FIRST_THRESHOLDS = replace(THRESHOLDS, headline_error=0.015, divergent_share=0.0003)
"""Of a first forecast, which has fewer draws: half as much error again, and two divergences as well."""


def thresholds_of(is_first: bool) -> Thresholds:
    """Thresholds of a run: a state's first forecast has fewer draws, and says so by its errors."""
    return FIRST_THRESHOLDS if is_first else THRESHOLDS
