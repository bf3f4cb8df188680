"""Bottom-up calculations set against figures: which rows speak of an item, and what they leave of its error.

Rows of data/system_evidence.csv say how a published number and an item are related:

- ``observes``: number x share = item. The share is the part of the vendor's figure that is HBM and CoWoS
  demand for the item, over the vendor's part of the market, so it may exceed one;
- ``upper_bound``: number x share >= item (a market that contains it);
- ``vendor_share``: number x share <= item (one vendor's part of it). Contracts are delivered over the year
  that follows, so a shorter period is widened to four quarters from its first.

``measure`` is 'usd' or 'tools', with '_hbm' or '_cowos' where only that part is meant. A vendor's unknown
share is one error for all its figures of an item, with an unknown trend and half as much again for each year:
a series of twenty quarters says little more about the share than one figure, and nothing about its growth.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from models.evidence.assumptions import Z95
from models.evidence.known import newest_of_each
from models.systems.activity import Assumed, added, missing_as_empty
from models.systems.figure_rows import visible_rows
from models.systems.gaussian_update import Learned, error_covariance, learn, path_prior
from models.vocabulary.periods import FIRST_YEAR, N_QUARTERS, flow_weights
from models.vocabulary.systems import PARTS, RELATIONS

YEARLY_SHARE_ERROR, SHARE_TREND, SHARE_YEAR = 0.5, 0.4, 2024.5
"""An unknown share beside its own uncertainty: what each year adds, its trend a year, and the year that the
evidence's ranges are about. Judgements: the AI part of tool makers' sales grew several-fold in 2023-2025."""
CONTRACT_QUARTERS = 4
_LEAST = {"usd": 1e4, "tools": 0.02}
"""Below this much in a figure's period the bottom-up has nothing yet, and a figure can't scale it."""
_MEASURED_VENDORS, _MEASURED_FIGURES = 3, 5


@dataclass(frozen=True)
class Observed:
    """Figures of one item on the log scale.

    Attributes
    ----------
    figure_ids : tuple of str
    y : ndarray (figure,)
        Log of what the figure says of the item.
    flow : ndarray (figure, 28)
        Part of each quarter in the figure's period.
    measures : tuple of str
    side : ndarray of int (figure,)
        As in `models.systems.gaussian_update.learn`.
    noise : ndarray (figure, figure)
    vendors : tuple of str
        Whom each figure is about: a company, or 'industry'.
    """

    figure_ids: tuple[str, ...]
    y: np.ndarray
    flow: np.ndarray
    measures: tuple[str, ...]
    side: np.ndarray
    noise: np.ndarray
    vendors: tuple[str, ...]

    def subset(self, keep: np.ndarray) -> "Observed":
        """Keep some of the figures (boolean mask)."""
        at = np.flatnonzero(keep)
        return Observed(
            tuple(self.figure_ids[i] for i in at),
            self.y[at],
            self.flow[at],
            tuple(self.measures[i] for i in at),
            self.side[at],
            self.noise[np.ix_(at, at)],
            tuple(self.vendors[i] for i in at),
        )

    def trust(self) -> str:
        """Word for how far the item rests on figures: several vendors', some, or bounds alone."""
        own = self.side == 0
        if not own.any():
            return "assumed"
        several = len({v for v, o in zip(self.vendors, own, strict=True) if o}) >= _MEASURED_VENDORS
        return "measured" if several and own.sum() >= _MEASURED_FIGURES else "few figures"


def observed(
    system: str,
    item: str,
    evidence: pd.DataFrame,
    figures: pd.DataFrame,
    as_of: date,
    assumed: Assumed,
) -> Observed:
    """Collect the figures that speak of an item at a date.

    Parameters
    ----------
    system, item : str
    evidence : DataFrame
        Rows of data/system_evidence.csv.
    figures : DataFrame
        Resolved figures in base units.
    as_of : date
    assumed : Assumed
        Holds ``<system>.noise_actual, .noise_estimate, .noise_forecast, .noise_per_year``.

    Returns
    -------
    Observed

    Raises
    ------
    ValueError
        An unknown relation.
    """
    kept: list[dict] = []
    rows = missing_as_empty(evidence[(evidence["system"] == system) & (evidence["item"] == item)])
    # Few metrics speak of an item: each row is then looked for among their figures, not among all.
    figures = figures[figures["metric"].isin(set(rows["metric"]))]
    for row in rows.to_dict("records"):
        if row["relation"] not in RELATIONS:
            raise ValueError(
                f"system_evidence.csv, {item}: relation {row['relation']!r} is not one of "
                + ", ".join(RELATIONS)
            )
        same = (figures["metric"] == row["metric"]) & (figures["entity"] == row["entity"])
        same &= figures["segment"].fillna("").astype(str).str.strip() == str(row["segment"]).strip()
        found = visible_rows(figures[same], (row["metric"],), as_of)
        low, high = np.log(float(row["share_p05"])), np.log(float(row["share_p95"]))
        for figure in _newest(found):
            side = _side(row["relation"], int(figure["censored"]))
            if side is not None:
                kept.append({**figure, "measure": row["measure"], "side": side})
                kept[-1]["relation"] = row["relation"]
                kept[-1] |= {"shift": (low + high) / 2, "share_sd": (high - low) / (2 * Z95)}
    return _stack(kept, system, assumed)


def correct(
    bottom_up: dict[str, dict[str, np.ndarray]],
    data: Observed,
    system: str,
    assumed: Assumed,
    stream: str,
    vague: bool = False,
) -> tuple[dict[str, np.ndarray], Learned, Observed]:
    """Sample the correction of an item's bottom-up calculation given its figures.

    Parameters
    ----------
    bottom_up : dict of dict of ndarray (draw, 28)
        'usd' (and 'tools'), then 'hbm' and/or 'cowos': what the steps come to.
    data : Observed
    system : str
    assumed : Assumed
        Holds ``<system>.bottom_up_error, .part_error, .path_error, .path_correlation``.
    stream : str
        Name of the random stream.
    vague : bool
        The level may lie anywhere: the figures speak alone (top-down).

    Returns
    -------
    factors : dict of ndarray (draw, 28)
        Factor on each part; all ones would leave the bottom-up as it is.
    learned : Learned
    used : Observed
        The figures that could speak: those in whose period the bottom-up has something.
    """
    parts = tuple(p for p in PARTS if p in bottom_up["usd"])
    typical = {m: {p: np.median(v[p], axis=0) for p in parts} for m, v in bottom_up.items()}
    weights = np.zeros((len(data.y), len(parts) * N_QUARTERS))
    misfit = np.zeros((assumed.n_draws, len(data.y)))
    usable = np.zeros(len(data.y), bool)
    for i, measure in enumerate(data.measures):
        kind, _, only = measure.partition("_")
        spoken = [p for p in parts if only in ("", p)]
        if kind not in bottom_up or not spoken:
            continue
        flow = {p: data.flow[i] * typical[kind][p] for p in spoken}
        total = sum(f.sum() for f in flow.values())
        if total < _LEAST[kind]:
            continue
        predicted = added(bottom_up[kind][p] @ data.flow[i] for p in spoken)
        usable[i] = bool((predicted > 0).all())
        if usable[i]:
            misfit[:, i] = data.y[i] - np.log(predicted)
            for p in spoken:
                at = parts.index(p) * N_QUARTERS
                weights[i, at : at + N_QUARTERS] = flow[p] / total
    used = data.subset(usable)
    level = "equipment.top_down_vagueness" if vague else f"{system}.bottom_up_error"
    covariance = np.full((len(parts) * N_QUARTERS,) * 2, assumed.log_sd(level) ** 2)
    own = path_prior(
        N_QUARTERS,
        assumed.log_sd(f"{system}.part_error"),
        assumed.log_sd(f"{system}.path_error"),
        assumed.middle(f"{system}.path_correlation"),
    )
    covariance += np.kron(np.eye(len(parts)), own)
    learned = learn(
        misfit[:, usable],
        weights[usable],
        used.noise,
        np.zeros(len(covariance)),
        covariance,
        assumed.stream(stream),
        used.side,
    )
    factor = np.exp(learned.paths.reshape(assumed.n_draws, len(parts), N_QUARTERS))
    return {p: factor[:, i] for i, p in enumerate(parts)}, learned, used


def share_covariance(vendors: np.ndarray, sd: np.ndarray, year: np.ndarray, ago: np.ndarray) -> np.ndarray:
    """Covariance of figures through unknown shares: a vendor's level, its trend, and what each year adds.

    Two figures of one vendor share the smaller of their uncertainties; the wider range has that and more of
    its own. Sharing the product of both instead would let a pair of figures point outside of what both say
    (Peelle's puzzle; see D'Agostini, Nuclear Instruments and Methods A 346, 1994).

    Parameters
    ----------
    vendors, sd, year, ago : ndarray (figure,)
        Names; log spread of the share; calendar year as a number; years since `SHARE_YEAR`.

    Returns
    -------
    ndarray (figure, figure)
    """
    same = vendors[:, None] == vendors[None, :]
    common = np.where(same, np.minimum.outer(sd, sd) ** 2, 0.0)
    trend = SHARE_TREND**2 * np.outer(ago, ago)
    yearly = YEARLY_SHARE_ERROR**2 * (year[:, None] == year[None, :])
    return common * (1 + trend + yearly)


def _newest(found: pd.DataFrame) -> list[dict]:
    """Keep one actual a period, the last known; where there is none yet, the last of each publisher."""
    if found.empty:
        return []
    period = ["end", "kind_of_period"]
    actual = newest_of_each(found[found["kind"] == "actual"], period, "known_on")
    settled = set(actual[period].itertuples(index=False, name=None))
    is_open = [key not in settled for key in found[period].itertuples(index=False, name=None)]
    return pd.concat([found[is_open], actual]).sort_index().to_dict("records")


def _side(relation: str, censored: int) -> int | None:
    """Which side of the figure the item lies on; None where a one-sided figure says nothing of it."""
    if relation == "observes":
        return censored
    side = -1 if relation == "upper_bound" else 1
    # "Over 100" bounds nothing from above, "under 100" nothing from below.
    return side if censored in (0, side) else None


def _stack(kept: list[dict], system: str, assumed: Assumed) -> Observed:
    n = len(kept)
    flow, own = np.zeros((n, N_QUARTERS)), np.zeros(n)
    per_year = assumed.middle(f"{system}.noise_per_year")
    for i, figure in enumerate(kept):
        at, share = flow_weights(figure["span"])
        flow[i, at] = share
        if figure["relation"] == "vendor_share" and flow[i].sum() < CONTRACT_QUARTERS:
            flow[i] = 0.0
            flow[i, at[0] : at[0] + CONTRACT_QUARTERS] = 1.0
        kind = {"actual": "actual", "estimate": "estimate"}.get(str(figure["kind"]), "forecast")
        noise = assumed.middle(f"{system}.noise_{kind}")
        half_width = 0.0 if figure["censored"] else figure["half_width"]
        own[i] = np.sqrt(noise**2 + (per_year * figure["horizon"]) ** 2 + half_width**2)
    share_sd = np.array([f["share_sd"] for f in kept])
    vendors = np.array([str(f["entity"]) for f in kept])
    ago = np.array([FIRST_YEAR + (f["end"] + 1) / 12 - SHARE_YEAR for f in kept])
    year = np.array([int(f["end"]) // 12 for f in kept])
    return Observed(
        tuple(str(f["figure_id"]) for f in kept),
        np.array([f["y"] + f["shift"] for f in kept]),
        flow,
        tuple(str(f["measure"]) for f in kept),
        np.array([f["side"] for f in kept], dtype=int),
        error_covariance(own) + share_covariance(vendors, share_sd, year, ago),
        tuple(str(v) for v in vendors),
    )
