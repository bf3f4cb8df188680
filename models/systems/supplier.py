"""Who makes the HBM: shares of bits, revenue and TSV capacity, and their amounts, summing to the industry.

Three layers of log-ratios per supplier: bits; a price premium (revenue = bits x price); TSV capacity per
bit. Published shares of bits, revenue and capacity, amounts of single makers and their TSV capacities
condition all three at once (`models.systems.logistic_normal`). A share whose basis is unsaid is read halfway
between bits and revenue. The industry's totals come from the chain's draws and are not changed (a cut
posterior).
"""

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from models.draws.joint import Draws
from models.evidence.assumptions import Prior, prior_from_quantiles, prior_named, read_priors
from models.evidence.evidence import Evidence
from models.evidence.known import known_by, newest_of_each
from models.systems.figure_rows import codes, visible_rows
from models.systems.logistic_normal import Layer, posterior_paths
from models.systems.series import Series, make_series
from models.systems.share_figures import Observations, shares
from models.vocabulary.periods import N_QUARTERS
from models.vocabulary.rows import records, rows_of

SYSTEM = "supplier"
# Weights of the layers (bits, price premium, capacity need) that a share of each basis speaks about.
BASES = {
    "": (1.0, 0.5, 0.0),
    "revenue and bits": (1.0, 0.5, 0.0),
    "bits": (1.0, 0.0, 0.0),
    "shipments": (1.0, 0.0, 0.0),
    "revenue": (1.0, 1.0, 0.0),
    "capacity": (1.0, 0.0, 1.0),
}
_BITS, _REVENUE, _CAPACITY = BASES["bits"], BASES["revenue"], BASES["capacity"]
# Amounts: metric -> (total of the chain, segments read, layers, whether a level at the period's end).
AMOUNTS = {
    "hbm_revenue": ("hbm_revenue_usd", ("",), _REVENUE, False),
    # In fiscal 2024, the year that is read, HBM3E was all the HBM that its maker announced.
    "vendor_hbm_revenue": ("hbm_revenue_usd", ("", "HBM3E"), _REVENUE, False),
    "hbm_bits": ("hbm_bits_gb", ("", "shipments"), _BITS, False),
    "hbm_tsv_capacity": ("hbm_tsv_capacity_wafers_per_month", ("",), _CAPACITY, True),
}
ASSUMPTIONS = (
    "supplier.drift",
    "supplier.volatility",
    "supplier.size_exponent",
    "supplier.smallest_size",
    "supplier.share_error",
    "supplier.share_error_per_year",
    "supplier.publisher_error",
    "supplier.price_premium",
    "supplier.price_premium_volatility",
    "supplier.capacity_need",
    "supplier.capacity_need_volatility",
    "supplier.capacity_error",
    "supplier.capacity_common_error",
    "supplier.amount_error",
)
_INDEPENDENT = np.sqrt(0.5)
"""Each of two suppliers carries half of the variance of their log-ratio."""
_COMPLETE_SET = 3


def supplier(
    drawn: Draws,
    evidence: Evidence,
    as_of: date,
    rng: np.random.Generator,
    left_of: Mapping[str, np.ndarray] | None = None,
    observed: Draws | None = None,
) -> list[Series]:
    """Split the industry's HBM over its makers.

    Parameters
    ----------
    drawn : Draws
        Needs ``hbm_bits_gb, hbm_revenue_usd, hbm_tsv_capacity_wafers_per_month``.
    evidence : Evidence
        'figures' (resolved), 'assumptions', 'suppliers' (data/suppliers.csv).
    as_of : datetime.date
    rng : numpy.random.Generator
    left_of : mapping of str to ndarray (draw, quarter), optional
        Of a scenario: what is left of a maker's volume before it is measured against the industry's.
    observed : Draws, optional
        Of a scenario: the draws without its shocks, for the figures were printed of that world.

    Returns
    -------
    list of Series
        Per supplier: share of bits, revenue and TSV capacity; GB; USD; USD per GB; wafers per month.

    Raises
    ------
    KeyError, ValueError
        An assumption or supplier row that is missing or can't be read.
    """
    table = known_suppliers(evidence.suppliers, as_of)
    priors = read_priors(evidence.assumptions, as_of)
    totals = {name: drawn.quarters(name) for name, *_ in AMOUNTS.values()}
    printed_of = totals if observed is None else {name: observed.quarters(name) for name in totals}
    seen = supplier_observations(evidence.figures, table, priors, printed_of, as_of)
    n_draws = len(totals["hbm_bits_gb"])
    factors = (
        Prior(0.0, prior_named(priors, "supplier.volatility").scale, "lognormal"),
        Prior(0.0, prior_named(priors, "supplier.share_error").scale, "lognormal"),
    )
    latent, _ = posterior_paths(supplier_layers(table, priors), seen, *factors, n_draws, rng)
    share = {
        name: shares(np.tensordot(latent, np.array(mix), axes=(1, 0)))
        for name, mix in (("bits", _BITS), ("revenue", _REVENUE), ("tsv_capacity", _CAPACITY))
    }
    if left_of:
        share = {
            name: shocked_shares(values, list(table["supplier"]), left_of) for name, values in share.items()
        }
    out = []
    for i, supplier in enumerate(table["supplier"]):
        ids = tuple(f for f, part in zip(seen.figure_ids, seen.part, strict=True) if part == i)
        out += _series(str(supplier), {k: v[:, i] for k, v in share.items()}, totals, ids)
    return out


def shocked_shares(share: np.ndarray, names: list[str], factors: Mapping[str, np.ndarray]) -> np.ndarray:
    """Shares (draw, supplier, quarter) after some volumes were multiplied by a factor (draw, quarter)."""
    volume = np.array(share)
    for i, name in enumerate(names):
        if name in factors:
            volume[:, i] *= factors[name]
    return volume / volume.sum(axis=1, keepdims=True)


def known_suppliers(suppliers_table: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Suppliers known on a date, each with its newest row, in the order of the file."""
    return newest_of_each(known_by(suppliers_table, as_of), ["supplier"]).reset_index(drop=True)


def supplier_layers(table: pd.DataFrame, priors: Mapping[str, Prior]) -> list[Layer]:
    """Priors of bits, price premium and capacity need, one Layer each.

    The volatility of a maker's bits falls with its size to the power ``supplier.size_exponent``, as that of
    the growth of companies does (Nunes Amaral and others, Physica A 244, 1997): a small maker lives on one
    customer or two, and winning or losing one multiplies its share. Below ``supplier.smallest_size`` a maker
    has no customer to win or lose yet, and moves as the largest does.

    Raises
    ------
    ValueError
        The range of a supplier's bits is no range.
    """

    def named(name: str) -> Prior:
        return prior_named(dict(priors), f"supplier.{name}")

    level, level_sd = [], []
    for row in rows_of(table):
        low, high = float(row.bits_ratio_p05), float(row.bits_ratio_p95)
        if low == high:
            level.append(np.log(low))
            level_sd.append(0.0)
            continue
        try:
            prior = prior_from_quantiles(low, high, "lognormal")
        except ValueError as error:
            raise ValueError(f"suppliers.csv, supplier {row.supplier}: {error}") from None
        level.append(prior.loc)
        level_sd.append(prior.scale)
    n, size = len(table), np.array(level) - max(level)
    size = np.exp(np.where(size < named("smallest_size").loc, 0.0, size))
    layers = [
        Layer(
            np.array(level),
            np.array(level_sd),
            _INDEPENDENT * named("drift").scale,
            _INDEPENDENT * np.exp(named("volatility").loc) * size ** -np.exp(named("size_exponent").loc),
        )
    ]
    for name in ("price_premium", "capacity_need"):
        sd, volatility = named(name).scale, float(np.exp(named(f"{name}_volatility").loc))
        layers.append(Layer(np.zeros(n), np.full(n, _INDEPENDENT * sd), 0.0, _INDEPENDENT * volatility))
    return layers


def supplier_observations(
    figures: pd.DataFrame,
    table: pd.DataFrame,
    priors: Mapping[str, Prior],
    totals: Mapping[str, np.ndarray],
    as_of: date,
) -> Observations:
    """Turn the visible figures about single suppliers into observations.

    Amounts of revenue and bits count once their period is over: what a forecast of one maker says about its
    share depends on a total that the forecaster had in mind and we don't know. A maker's own guidance counts
    before: it knows its orders, sold ahead for a year, and has no total in mind.
    """

    def median(name: str) -> float:
        return float(np.exp(prior_named(dict(priors), f"supplier.{name}").loc))

    entity = {str(e): i for i, e in enumerate(table["figure_entity"])}
    kept = [row for row in _visible(figures, as_of) if row["entity"] in entity]
    sets = pd.Series([_set_key(row) for row in kept], dtype=object)
    in_set = sets.map(sets.value_counts()).to_numpy() if kept else np.zeros(0)
    bits = np.median(totals["hbm_bits_gb"], axis=0)
    y, mix, weight, sd, fixed, street, common = [], [], [], [], [], [], []
    for row, members in zip(kept, in_set, strict=True):
        volume = row["weight"] * bits
        weight.append(volume / volume.sum())
        per_year = row["horizon"] * median("share_error_per_year")
        street.append(_INDEPENDENT * per_year)
        fixed.append(np.hypot(row["half_width"], _INDEPENDENT * per_year))
        if row["metric"] == "hbm_supplier_share":
            y.append(np.full(len(totals["hbm_bits_gb"]), row["y"]))
            mix.append(BASES[row["segment"]])
            # Shares that add up to one say one thing less than they are.
            redundancy = members / (members - 1) if members >= _COMPLETE_SET else 1.0
            sd.append(median("share_error") * np.sqrt(redundancy))
            common.append(median("publisher_error"))
            continue
        name, _, layers, is_level = AMOUNTS[row["metric"]]
        of = row["weight"] if is_level else row["weight"] * _quarters(row)
        y.append(row["y"] - np.log(totals[name] @ of))
        mix.append(layers)
        sd.append(median("capacity_error" if is_level else "amount_error"))
        common.append(median("capacity_common_error") if is_level else 0.0)
    n = len(kept)
    year = [f"{r['entity']}:{r['end'] // 12}" if r["horizon"] > 0 else "" for r in kept]
    publisher = [
        f"{r['publisher']}:{r['entity'] if r['metric'] == 'hbm_supplier_share' else r['metric']}"
        for r in kept
    ]
    return Observations(
        y=np.array(y).T if n else np.zeros((1, 0)),
        is_log=np.array([r["metric"] in AMOUNTS for r in kept], dtype=bool),
        part=np.array([entity[r["entity"]] for r in kept], dtype=int),
        mix=np.array(mix).reshape(n, 3),
        weight=np.array(weight).reshape(n, N_QUARTERS),
        sd=np.array(sd, dtype=float),
        fixed_sd=np.array(fixed, dtype=float),
        shared=[(codes(year), np.array(street)), (codes(publisher), np.array(common))],
        censored=np.array([r["censored"] for r in kept], dtype=int),
        figure_ids=[str(r["figure_id"]) for r in kept],
    )


def _visible(figures: pd.DataFrame, as_of: date) -> list[dict]:
    """Rows of the figures that count, shares first."""
    said = visible_rows(figures, ("hbm_supplier_share",), as_of)
    frames = [said[said["segment"].isin(list(BASES))]]
    for metric, (_, segments, _, is_level) in AMOUNTS.items():
        rows = visible_rows(figures, (metric,), as_of, is_level)
        rows = rows[rows["segment"].isin(segments)]
        own = (rows["kind"] == "guidance") & (rows["publisher"] == rows["entity"])
        frames.append(rows if is_level else rows[(rows["horizon"] == 0.0) | own])
    return [row for frame in frames for row in records(frame)]


def _set_key(row: dict) -> str:
    """Label of the publication and target of a share; amounts stand alone."""
    if row["metric"] != "hbm_supplier_share" or row["censored"]:
        return str(row["figure_id"])
    return f"{row['publisher']}:{row['known_on']}:{row['end']}:{row['segment']}"


def _quarters(row: dict) -> float:
    """Length of the period in quarters: 4 for a year, 1 for a quarter."""
    counted = row["weight"] / row["weight"].max()
    return float(counted.sum())


def _series(
    supplier: str, share: dict[str, np.ndarray], totals: Mapping[str, np.ndarray], ids: tuple[str, ...]
) -> list[Series]:
    bits, revenue = totals["hbm_bits_gb"], totals["hbm_revenue_usd"]
    capacity = totals["hbm_tsv_capacity_wafers_per_month"]
    gb, usd = share["bits"] * bits, share["revenue"] * revenue
    wafers = share["tsv_capacity"] * capacity

    def one(
        measure: str, part: str, unit: str, yearly: str, values: np.ndarray, total: str, *of: np.ndarray
    ) -> Series:
        inputs = (*total.split(), *ASSUMPTIONS)
        return make_series(SYSTEM, supplier, measure, part, unit, yearly, values, ids, inputs, *of)

    both = "hbm_revenue_usd hbm_bits_gb"
    tsv = "hbm_tsv_capacity_wafers_per_month"
    return [
        one("share", "bits", "fraction", "ratio", share["bits"], "hbm_bits_gb", gb, bits),
        one("share", "revenue", "fraction", "ratio", share["revenue"], "hbm_revenue_usd", usd, revenue),
        one("share", "tsv_capacity", "fraction", "end", share["tsv_capacity"], tsv),
        one("gb", "total", "GB", "sum", gb, "hbm_bits_gb"),
        one("usd", "total", "USD", "sum", usd, "hbm_revenue_usd"),
        one("usd_per_gb", "total", "USD_per_GB", "ratio", usd / gb, both, usd, gb),
        one("wafers_per_month", "total", "wafers_per_month", "end", wafers, tsv),
    ]
