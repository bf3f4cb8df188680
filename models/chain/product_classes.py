"""Product classes as arrays: what each class carries in each quarter, as known on a date."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from models.chain.array_api import Array, ArrayNamespace
from models.evidence.assumptions import Prior, prior_named
from models.vocabulary.market import Market
from models.vocabulary.periods import N_ALL, parse_period, quarter_of_day

WAFER_DIAMETER_MM = 300.0
WAFER_AREA_MM2 = float(np.pi * WAFER_DIAMETER_MM**2 / 4)
RETICLE_MM2 = 858.0
"""Field of one exposure, 26 by 33 mm."""
SAMPLES, NOTHING = -3.0, -30.0
"""Logs of the part of a product's trend that ships in the quarter before its launch, and earlier."""
LEAST_WEIGHT = 1e-12
NO_SUCCESSOR_QUARTER = 200.0
_COLUMN = {"hbm_gb": "hbm_gb", "hbm_stacks": "hbm_stacks", "packages_per_wafer": "packages_per_cowos_wafer"}


@dataclass(frozen=True)
class Catalogue:
    """Classes as known on a date.

    Attributes
    ----------
    announced : bool array (class,)
        Whether any product of the class was announced.
    launched : bool array (class,)
        Whether one launched before the quarter of the date.
    printed_packages : bool array (class,)
        Whether packages per wafer, or the area of the interposer, were printed of any product of the class,
        or of the class that an unannounced one extrapolates.
    arrays : dict of arrays
        ``class_launch`` and ``class_successor_launch`` (class,) in quarters from 2021Q1; ``class_hbm_gb``,
        ``class_hbm_stacks``, ``class_packages_per_wafer`` (class, quarter); ``generation_of_class``
        (generation, class, quarter), shares; ``class_floor`` (class, quarter), `launch_floor`;
        ``generation_age_quarters`` since a generation's first product and ``generation_superseded_years``
        since its successor's (generation, quarter), zero before; ``on_cowos`` (class, quarter), 1 where
        packages are made on CoWoS wafers, else 0.
    """

    announced: np.ndarray
    launched: np.ndarray
    printed_packages: np.ndarray
    arrays: dict[str, np.ndarray]


def gross_pieces_per_wafer(xp: ArrayNamespace, area_mm2: Array) -> Array:
    """Whole pieces (dies, interposers) of an area on a 300 mm wafer, Ferris-Prabhu's exponential form.

    ``pi d^2 / (4 A) exp(-2 sqrt(A) / d)`` (A. V. Ferris-Prabhu, Solid-State Electronics 1989).
    """
    return WAFER_AREA_MM2 / area_mm2 * xp.exp(-2.0 * xp.sqrt(area_mm2) / WAFER_DIAMETER_MM)


def gross_packages_per_wafer(interposer_area_mm2: float) -> float:
    """Whole interposers on a 300 mm wafer."""
    return float(gross_pieces_per_wafer(np, np.float64(interposer_area_mm2)))


def build_catalogue(
    products: pd.DataFrame, priors: dict[str, Prior], market: Market, as_of: date
) -> Catalogue:
    """Make the class arrays from the products announced so far.

    An unannounced class extrapolates its predecessor by the medians of ``class.*.unannounced`` and
    ``class.unannounced_cadence_quarters``; their widths are priors (`models.chain.drivers.prior_arrays`).

    Parameters
    ----------
    products : DataFrame
        Rows of data/products.csv visible on the date (``announced_on`` has been applied).
    priors : dict of Prior
        Assumptions known on the date.
    market : Market
        Classes and generations there are, and their order.
    as_of : date
        What nobody has announced by then does not ship in its quarter either.

    Returns
    -------
    Catalogue

    Raises
    ------
    ValueError
        A product row can't be read, named; or the first class of a family, or the first generation, has no
        product.
    """
    table = _numeric(products, market)
    growth = {name: np.exp(prior_named(priors, f"class.{name}.unannounced").loc) for name in _COLUMN}
    cadence = np.exp(prior_named(priors, "class.unannounced_cadence_quarters").loc)
    content: dict[str, list[np.ndarray]] = {name: [] for name in _COLUMN}
    launches, announced, printed, generations, floors = [], [], [], [], []
    today, lead = quarter_of_day(as_of), _announcement_lead(table)
    for position, cls in enumerate(market.classes):
        rows = table[table["class"] == cls.name].sort_values("launch", kind="stable")
        announced.append(len(rows) > 0)
        if len(rows):
            weight = _recency_weights(rows)
            launches.append(rows["launch"].min())
            floors.append(launch_floor(launches[-1]))
            printed.append(bool(rows["printed_packages"].any()))
            for name in _COLUMN:
                content[name].append(_blended(name, rows[name].to_numpy(float), weight))
            generations.append(_generation_shares(rows, weight, market))
            continue
        before = position - 1
        if before < 0 or market.classes[before].family != cls.family:
            raise ValueError(
                f"products.csv: class {cls.name} has no announced product and no predecessor; add one"
            )
        # Nobody has announced it, so it launches no sooner than a product announced tomorrow would.
        launches.append(max(launches[before] + cadence, today + lead))
        printed.append(printed[before])
        floors.append(np.where(np.arange(N_ALL) <= today, NOTHING, 0.0))
        for name in _COLUMN:
            content[name].append(np.full(N_ALL, content[name][before][-1] * growth[name]))
        generations.append(np.vstack([np.zeros((1, N_ALL)), generations[before][:-1]]))
        generations[-1][-1] += generations[before][-1]
    arrays = {"on_cowos": np.repeat([[float(c.on_cowos)] for c in market.classes], N_ALL, axis=1)}
    arrays |= {f"class_{name}": _filled(np.array(values)) for name, values in content.items()}
    arrays["class_launch"] = np.array(launches, float)
    arrays["class_successor_launch"] = _successor_launch(np.array(launches, float), market)
    arrays["generation_of_class"] = np.stack(generations, axis=1)
    arrays["class_floor"] = np.array(floors)
    arrays |= _generation_times(table, market, float(cadence))
    launched = np.array(announced) & (np.array(launches) < today)
    return Catalogue(np.array(announced), launched, np.array(printed), arrays)


def launch_floor(launch: float) -> np.ndarray:
    """Log of the part of its trend that a product can ship in each quarter, (quarter,).

    All of it from its launch quarter on; samples and risk production in the quarter before; nothing before
    that, whatever a launch delay or a random walk would like.

    Parameters
    ----------
    launch : float
        Launch quarter, counted from 2021Q1.
    """
    ahead = launch - np.arange(N_ALL)
    return np.select([ahead <= 0.5, ahead <= 1.5], [0.0, SAMPLES], NOTHING)


def _numeric(products: pd.DataFrame, market: Market) -> pd.DataFrame:
    table = products.copy()
    try:
        table["launch"] = [parse_period(str(q)).start // 3 for q in table["launch_quarter"]]
    except ValueError as error:
        raise ValueError(f"products.csv, launch_quarter: {error}") from None
    for name, column in _COLUMN.items():
        table[name] = pd.to_numeric(table[column], errors="coerce")
    generation = table["hbm_generation"].astype(str).str.strip().str.upper().map(market.generation_of)
    table["generation"] = generation
    gb_per_stack = (table["hbm_gb"] / table["hbm_stacks"]).groupby(generation).transform("median")
    # Where nobody printed the stacks of a product: as many as its GB fill in stacks of its generation.
    table["hbm_stacks"] = table["hbm_stacks"].fillna(table["hbm_gb"] / gb_per_stack)
    area = pd.to_numeric(table["interposer_area_mm2"], errors="coerce")
    table["printed_packages"] = table["packages_per_wafer"].notna() | area.notna()
    # Where nobody printed the interposer: as large as its stacks, and the logic that they feed, make others,
    # and no smaller than one field, for what is smaller has no need of an interposer of its own.
    by_stacks = table["hbm_stacks"] * (area / table["hbm_stacks"]).median()
    area = area.fillna(by_stacks.clip(lower=RETICLE_MM2))
    derived = area.map(gross_packages_per_wafer, na_action="ignore")
    table["packages_per_wafer"] = table["packages_per_wafer"].fillna(derived)
    return table


def _announcement_lead(table: pd.DataFrame) -> float:
    """Quarters from a product's announcement to its launch: the median of the catalogue, at least one."""
    announced = table["announced_on"].map(lambda day: quarter_of_day(date.fromisoformat(str(day)[:10])))
    return max(1.0, float((table["launch"] - announced).median()))


def _recency_weights(rows: pd.DataFrame) -> np.ndarray:
    """Weight of each product of a class over quarters: ramps up at launch, fades a year after the next."""
    quarter = np.arange(N_ALL)
    vendor, launch = rows["vendor"].to_numpy(object), rows["launch"].to_numpy(float)[:, None]
    is_later = (vendor == vendor[:, None]) & (launch < launch.T)
    later = np.where(is_later, launch.T, np.inf).min(axis=1, keepdims=True)
    fade = np.where(is_later.any(axis=1, keepdims=True), later + 4, NO_SUCCESSOR_QUARTER) - quarter
    life = 1 / (1 + np.exp(-(quarter - launch) / 0.8)) / (1 + np.exp(-fade / 0.8))
    weights = life * np.exp([launch_floor(one) for one in launch.ravel()])
    # Before its first product a class has the make-up of those nearest to their launch.
    return weights + LEAST_WEIGHT * np.exp(-np.abs(quarter - launch))


def _blended(name: str, values: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Average over the products of a class; packages per wafer as wafers blend, by wafers per package."""
    return 1 / _weighted(1 / values, weight) if name == "packages_per_wafer" else _weighted(values, weight)


def _weighted(values: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Average over the products whose value is known (nan where none is), shape (quarter,)."""
    known = np.isfinite(values)
    if not known.any():
        return np.full(N_ALL, np.nan)
    return (values[known, None] * weight[known]).sum(axis=0) / weight[known].sum(axis=0)


def _generation_shares(rows: pd.DataFrame, weight: np.ndarray, market: Market) -> np.ndarray:
    shares = np.zeros((len(market.generations), N_ALL))
    gb = rows["hbm_gb"].fillna(rows["hbm_gb"].mean()).fillna(1.0).to_numpy(float)
    for i, generation in enumerate(rows["hbm_generation"]):
        if pd.isna(generation) or not str(generation).strip():
            continue  # generation not published: the rest of the class speaks for it
        name = market.generation_of.get(str(generation).strip().upper())
        if name is None:
            raise ValueError(
                f"products.csv: hbm_generation {generation!r} of {rows['product'].iloc[i]} is not one of "
                + ", ".join(market.generation_of)
            )
        shares[market.generation_names.index(name)] += gb[i] * weight[i]
    if not shares.any():
        raise ValueError(
            f"products.csv: no product of class {rows['class'].iloc[0]} has an hbm_generation; add one"
        )
    return shares / shares.sum(axis=0)


def _filled(values: np.ndarray) -> np.ndarray:
    """Fill classes with no figure at all by the median of the others in the same quarter."""
    return np.where(np.isfinite(values), values, np.nanmedian(values, axis=0))


def _successor_launch(launch: np.ndarray, market: Market) -> np.ndarray:
    following = np.full(len(market.classes), NO_SUCCESSOR_QUARTER)
    for i, cls in enumerate(market.classes[:-1]):
        if market.classes[i + 1].family == cls.family:
            following[i] = launch[i + 1]
    return following


def _generation_times(table: pd.DataFrame, market: Market, cadence: float) -> dict[str, np.ndarray]:
    """How far each generation is in its life, (generation, quarter).

    It begins with its first announced product; one that no announced product carries comes a cadence after
    the one before it.
    """
    quarter = np.arange(N_ALL)
    seen = table["launch"].groupby(table["generation"]).min()
    first: list[float] = []
    if market.generation_names[0] not in seen.index:
        raise ValueError(
            f"products.csv: no announced product has the first hbm_generation, {market.generation_names[0]}, "
            "and there is none before it to count from; add one"
        )
    for name in market.generation_names:
        first.append(float(seen[name]) if name in seen.index else first[-1] + cadence)
    successor = [*first[1:], NO_SUCCESSOR_QUARTER]
    return {
        "generation_age_quarters": np.array([np.clip(quarter - start, 0, None) for start in first]),
        "generation_superseded_years": np.array([np.clip(quarter - s, 0, None) / 4 for s in successor]),
    }
