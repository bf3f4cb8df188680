"""The January 2024 report's server multiples and bill shares: as stated, and as its own inputs give them."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from models.evidence.assumptions import Prior, prior_named
from models.evidence.known import known_figures
from models.systems.series import Series
from models.vocabulary.periods import N_QUARTERS

SYSTEM = "server_content"
ROUNDING = "content.report_rounding"
GB_PER_TB = 1000.0
Value = Callable[[int], Any]


def _drives(v: Value) -> Any:
    """USD of the DGX A100's ten drives."""
    return v(88) * v(92) + v(90) * v(93)


# (item, measure, part) -> numbers of the report-#### figures that state it, those behind it, rule.
REPORT: dict[tuple[str, str, str], tuple[tuple[int, ...], tuple[int, ...], Callable[[Value], Any]]] = {
    ("ai_training_vs_ordinary", "multiple", "dram_and_hbm_gb"): (
        (54, 56),
        (42, 43, 38),
        lambda v: (v(42) + v(43)) / v(38),
    ),
    ("ai_training_vs_high_performance", "multiple", "dram_and_hbm_gb"): (
        (57,),
        (42, 43, 41),
        lambda v: (v(42) + v(43)) / v(41),
    ),
    ("ai_training_vs_ordinary", "multiple", "nand_gb"): ((59,), (46, 47), lambda v: v(46) / v(47)),
    ("ai_training_vs_high_performance", "multiple", "nand_gb"): ((60,), (46, 48), lambda v: v(46) / v(48)),
    # Both sides at one price per GB, as in the report.
    ("ai_training_vs_ordinary", "multiple", "dram_usd"): (
        (58,),
        (84, 70, 71),
        lambda v: v(84) / (v(70) * v(71)),
    ),
    ("ai_training_vs_ordinary", "multiple", "nand_usd"): (
        (61, 62),
        (88, 90, 92, 93, 74, 75, 76),
        lambda v: _drives(v) / (v(74) * v(75) / GB_PER_TB * v(76)),
    ),
    ("ai_training", "bom_share", "gpu"): ((83,), (14, 82, 78), lambda v: v(14) * v(82) / v(78)),
    ("ai_training", "bom_share", "hbm"): ((87,), (43, 86, 78), lambda v: v(43) * v(86) / v(78)),
    ("ai_training", "bom_share", "dram"): ((85,), (84, 72, 78), lambda v: v(84) * v(72) / v(78)),
    ("ai_training", "bom_share", "cpu"): ((81,), (79, 80, 78), lambda v: v(79) * v(80) / v(78)),
    ("ai_training", "bom_share", "nand"): ((94,), (88, 90, 92, 93, 78), lambda v: _drives(v) / v(78)),
    ("ordinary", "bom_share", "cpu"): ((69,), (67, 68, 66), lambda v: v(67) * v(68) / v(66)),
    ("ordinary", "bom_share", "dram"): ((73,), (70, 71, 72, 66), lambda v: v(70) * v(71) * v(72) / v(66)),
    ("ordinary", "bom_share", "nand"): (
        (77,),
        (74, 75, 76, 66),
        lambda v: v(74) * v(75) / GB_PER_TB * v(76) / v(66),
    ),
}


def report_series(
    figures: pd.DataFrame,
    priors: Mapping[str, Prior],
    as_of: date,
    n_draws: int,
    rng: np.random.Generator,
) -> list[Series]:
    """Set what the report states beside what its inputs give.

    Parameters
    ----------
    figures : DataFrame
        Resolved figures in base units.
    priors : mapping of str to Prior
    as_of : datetime.date
        Before the report was published there is nothing to set.
    n_draws : int
    rng : numpy.random.Generator

    Returns
    -------
    list of Series
        Parts ``<part>:report_stated`` and ``<part>:report_recomputed``, the same in every quarter. A printed
        range is uniform between its ends; two statements of one thing are taken in equal parts; every input
        carries the rounding of its last digit.
    """
    visible = known_figures(figures, as_of).to_dict("records")
    known = {str(row["figure_id"]): row for row in visible}
    rounding = prior_named(dict(priors), ROUNDING)

    out = []
    for (item, measure, part), (stated, inputs, rule) in REPORT.items():
        # Numbers are taken whether the figures are there or not: other series don't depend on it.
        uniform = rng.random((n_draws, len(stated) + len(inputs) + 1))
        normal = rng.standard_normal((n_draws, len(inputs)))
        if not all(_id(n) in known for n in (*stated, *inputs)):
            continue

        def value(number: int, uniform: np.ndarray = uniform, order: tuple[int, ...] = inputs) -> np.ndarray:
            i = order.index(number)
            return _between(known[_id(number)], uniform[:, i])

        recomputed = rule(value) * np.exp(rounding.scale * normal.sum(axis=1))
        offset = len(inputs)
        stated_draws = np.stack(
            [_between(known[_id(n)], uniform[:, offset + j]) for j, n in enumerate(stated)], axis=1
        )
        which = np.minimum((uniform[:, -1] * len(stated)).astype(int), len(stated) - 1)
        pairs = (
            ("report_stated", stated_draws[np.arange(n_draws), which], stated),
            ("report_recomputed", recomputed, inputs),
        )
        unit = "ratio" if measure == "multiple" else "fraction"
        for kind, values, numbers in pairs:
            ids = tuple(_id(n) for n in numbers)
            repeated = np.repeat(values.astype(np.float32)[:, None], N_QUARTERS, axis=1)
            used = (ROUNDING,) if kind == "report_recomputed" else ()
            name = f"{part}:{kind}"
            out.append(
                Series(
                    SYSTEM,
                    item,
                    measure,
                    name,
                    unit,
                    "mean",
                    repeated,
                    len(ids),
                    used,
                    ids,
                    trust="few figures",
                )
            )
    return out


def _id(number: int) -> str:
    return f"report-{number:04d}"


def _between(row: dict, uniform: np.ndarray) -> np.ndarray:
    """Values of a figure: its number, uniform over its range, or its one bound."""
    low, value, high = (float(row[c]) if not pd.isna(row[c]) else np.nan for c in ("low", "value", "high"))
    if np.isfinite(low) and np.isfinite(high):
        return low + (high - low) * uniform
    first = next(x for x in (value, low, high) if np.isfinite(x))
    return np.full(len(uniform), first)
