"""Coverage of figures left out of the posterior, by topic and by kind, as rows of the gate."""

import numpy as np
import pandas as pd

from models.inference.left_out import PARETO_LIMIT

LOO_LEVEL = 0.8
LOO_CHANCE = 0.98
"""Of a right model, the share of nights on which all groups pass, and of groups inside their own range."""
LOO_MINIMUM = 20
"""Groups with fewer figures that can be left out only inform."""
LISTED_MINIMUM = 8
"""Quantities with fewer figures left out are not looked at: two of seven outside say nothing."""
type Row = tuple[str, float, float, bool | None, str]


def left_out_rows(left_out: pd.DataFrame) -> list[Row]:
    """Coverage of figures left out, by topic and by kind, against what chance allows.

    The share inside the central 80 % is held to the binomial range of a right model. A one-sided figure
    is inside unless the others give its statement less than one in ten: that it holds easily is no sign of
    too wide a forecast, so only two-sided figures are held to the upper end. Figures that could not be left
    out (Pareto k above 0.7) are named. Their weights leave a figure too near to where it has drawn the
    posterior: one that is outside all the same is outside, and counts at the upper end. Without it a gate
    drops the very figures that are far out, and calls the rest too well held.

    A dozen groups at 98 % each would stop a right model one night in five. So the groups with at least
    `LOO_MINIMUM` figures share the 2 % (Bonferroni): with m of them each is held to the range of
    ``1 - 0.02 / m``, and a right model fails at most one night in fifty whatever the dependence between
    groups, of which there is much: each figure counts in its topic and in its kind. Holm's steps stop the
    very same runs, for they too begin with the first of m; Sidak's correction wants independence and gains
    one per cent of the level. The bound takes the figures of a group as independent. They are not quite:
    left out one at a time they still share the street's error, so counts scatter more than binomial ones
    and a right model fails somewhat more often; a wider range would be an excuse for narrow intervals.
    What lies outside its own 98 % range without being held back is said: in the group's row, and for
    quantities in a row of their own.

    Parameters
    ----------
    left_out : DataFrame
        `LOO_COLUMNS`.

    Returns
    -------
    list of (name, value, threshold, passed, detail)
        A row a topic and a kind, and ``left_out_quantities``, which counts the quantities outside their own
        range beside the number that chance puts there, and informs.
    """
    groups = {
        f"left_out_{column}_{label}": group
        for column in ("topic", "kind")
        for label, group in left_out.groupby(column, sort=True)
    }
    found = {name: _left_out(group) for name, group in groups.items()}
    n_tested = sum(len(inside) >= LOO_MINIMUM for inside, _, _ in found.values())
    rows: list[Row] = []
    for name, (inside, one_sided, n_outside) in found.items():
        value, end, passed, words = _coverage(inside, one_sided, chance_tails(max(n_tested, 1)), n_outside)
        own = _coverage(inside, one_sided, chance_tails(), n_outside)[2]
        listed = "; OUTSIDE ITS OWN 98 % RANGE" if passed and not own else ""
        decides = passed if len(inside) >= LOO_MINIMUM else None
        rows.append((name, value, end, decides, f"{words}{listed}{_not_left_out(groups[name])}"))
    return [*rows, _quantities_row(left_out)]


def _left_out(group: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, int]:
    """Which of the figures that could be left out are inside the central 80 %, and which are one-sided.

    And of those that could not, how many two-sided ones are outside although their weights pull them in.
    """
    is_good = group["pareto_k"] <= PARETO_LIMIT
    good, others = group[is_good], group[~is_good & ~group["one_sided"].astype(bool)]
    return _inside(good), good["one_sided"].to_numpy(bool), int((~_inside(others)).sum())


def _inside(group: pd.DataFrame) -> np.ndarray:
    one_sided, pit = group["one_sided"].to_numpy(bool), group["pit"].to_numpy(float)
    return np.where(one_sided, pit >= (1 - LOO_LEVEL) / 2, np.abs(pit - 0.5) <= LOO_LEVEL / 2)


def _not_left_out(group: pd.DataFrame) -> str:
    """Name the figures of a group that could not be left out."""
    aside = sorted(group.loc[~(group["pareto_k"] <= PARETO_LIMIT), "figure_id"])
    return f"; {len(aside)} not left out: {', '.join(aside)}" if aside else ""


def _coverage(
    inside: np.ndarray, one_sided: np.ndarray, tails: tuple[float, float], n_outside: int = 0
) -> tuple[float, float, bool, str]:
    """Hold the share inside of all figures to the lower end of its range, of two-sided ones to the upper.

    `n_outside` more two-sided figures are known to be outside, and count at the upper end.
    """
    # scipy.stats takes a second to load, which a night that takes its tables over need not wait for.
    from scipy.stats import binom

    ends = []
    points = np.append(inside[~one_sided], np.zeros(n_outside, bool))
    for counted, tail in zip((inside, points), tails, strict=True):
        n = len(counted)
        share, end = (counted.mean(), binom.ppf(tail, n, LOO_LEVEL) / n) if n else (np.nan, np.nan)
        ends.append((float(share), float(end), n))
    (share, low, n), (of_points, high, n_points) = ends
    words = f"share of {n} inside 80 %, wanted {low:.2f} at least; of {n_points} two-sided {high:.2f} at most"
    too_wide = of_points > high
    value, end = (of_points, high) if too_wide else (share, low)
    return value, end, bool(share >= low and not too_wide), words


def _quantities_row(left_out: pd.DataFrame) -> Row:
    """List the quantities outside their own 98 % range.

    Figures whose weights can't be trusted count here too: such weights leave a figure too near to where it
    has drawn the posterior, so one that is outside all the same is outside. They may not decide, for those
    that are inside may be so for that reason only.
    """
    outside, looked_at = [], 0
    for quantity, group in left_out.groupby("quantity", sort=True):
        inside, one_sided = _inside(group), group["one_sided"].to_numpy(bool)
        if len(inside) < LISTED_MINIMUM:
            continue
        looked_at += 1
        if not _coverage(inside, one_sided, chance_tails())[2]:
            outside.append(f"{quantity} {inside.mean():.2f} of {len(inside)}")
    by_chance = (1 - LOO_CHANCE) * looked_at
    words = f"of {looked_at} outside the 98 % range of their own"
    detail = f"{words}: {', '.join(outside)}" if outside else words
    return "left_out_quantities", float(len(outside)), by_chance, None, detail


def chance_tails(n_groups: int = 1) -> tuple[float, float]:
    """Lower and upper tail of a group's range when `n_groups` share what `LOO_CHANCE` leaves."""
    tail = (1 - LOO_CHANCE) / 2 / n_groups
    return tail, 1 - tail
