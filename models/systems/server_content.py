"""Memory in a server: GB and USD of DRAM, NAND and HBM, multiples between servers, shares of the bill.

Contents are ranges of data/server_content.csv at 2022Q4 with a growth of their own; the HBM of a training
server and the prices of DRAM and HBM are the chain's. The January 2024 report's multiples and shares stand
beside these as it states them and as its own inputs give them (`models.systems.report_2024.server_content`).
"""

from collections.abc import Iterable, Mapping
from datetime import date

import numpy as np
import pandas as pd

from models.draws.joint import Draws
from models.evidence.assumptions import Prior, prior_from_quantiles, prior_named, read_priors
from models.evidence.evidence import Evidence
from models.evidence.known import known_by, known_figures, newest_of_each
from models.systems.logistic_normal import YEARS_FROM_ANCHOR, drifting_walk_covariance
from models.systems.report_2024.server_content import report_series
from models.systems.series import Series, make_series
from models.vocabulary.periods import N_QUARTERS

SYSTEM = "server_content"
MEMORY = ("dram", "nand", "hbm")
REFERENCE = "ai_training"
NAND_ASSUMPTIONS = ("content.nand_price_usd_per_gb", "content.nand_price_volatility")
PREMIUM = "content.server_dram_premium"
PRICE_INPUTS = {
    "dram": ("dram_price_usd_per_gb", PREMIUM),
    "nand": NAND_ASSUMPTIONS,
    "hbm": ("hbm_price_usd_per_gb",),
}
FROM_CHAIN = "chain"
_JITTER = 1e-9


def server_content(
    drawn: Draws,
    evidence: Evidence,
    as_of: date,
    rng: np.random.Generator,
) -> list[Series]:
    """Fill servers with memory.

    Parameters
    ----------
    drawn : Draws
        Needs ``hbm_gb_per_accelerator, accelerators_per_server, dram_price_usd_per_gb,
        hbm_price_usd_per_gb``.
    evidence : Evidence
        'server_content', 'assumptions', 'figures' (resolved).
    as_of : datetime.date
    rng : numpy.random.Generator

    Returns
    -------
    list of Series
        Per server: ``gb`` and ``usd`` by component and in total, ``bom_share`` by component; per pair of
        servers: ``multiple``; and the report's own.

    Raises
    ------
    ValueError
        A row of server_content.csv that can't be read.
    """
    priors = read_priors(evidence.assumptions, as_of)
    table = newest_of_each(known_by(evidence.server_content, as_of), ["server", "component"])
    published = _published_by(evidence.figures, as_of)
    prices = memory_prices(drawn, priors, rng)
    gb, usd, ids = server_contents(drawn, table, prices, rng)
    out: list[Series] = []
    for server in gb:
        found = {c: tuple(f for f in ids[server, c] if f in published) for s, c in ids if s == server}
        out += _server(server, gb[server], usd[server], found)
        if server != REFERENCE and REFERENCE in gb:
            both = tuple(f for (s, _), found in ids.items() if s in (server, REFERENCE) for f in found)
            known = tuple(dict.fromkeys(f for f in both if f in published))
            out += _multiples(server, gb, usd, known)
    return out + report_series(evidence.figures, priors, as_of, len(prices["dram"]), rng)


def memory_prices(drawn: Draws, priors: dict[str, Prior], rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Price of each memory in a server, {component: (draw, quarter)} in USD per GB.

    Parameters
    ----------
    drawn : Draws
        Needs ``dram_price_usd_per_gb, hbm_price_usd_per_gb``.
    priors : dict of str to Prior
    rng : numpy.random.Generator
    """
    dram = drawn.quarters("dram_price_usd_per_gb")
    n = len(dram)
    premium = prior_named(priors, PREMIUM)
    level, volatility = (prior_named(priors, name) for name in NAND_ASSUMPTIONS)
    # A draw's volatility multiplies its walk, so that both are the assumptions' own.
    walk = drifting_walk_covariance(0.0, 0.0, 1.0) + _JITTER * np.eye(N_QUARTERS)
    path = rng.standard_normal((n, N_QUARTERS)) @ np.linalg.cholesky(walk).T
    path *= np.exp(volatility.loc + volatility.scale * rng.standard_normal((n, 1)))
    nand = np.exp(level.loc + level.scale * rng.standard_normal((n, 1)) + path)
    factor = np.exp(premium.loc + premium.scale * rng.standard_normal((n, 1)))
    return {
        "dram": dram * factor,
        "nand": nand,
        "hbm": drawn.quarters("hbm_price_usd_per_gb"),
    }


def server_contents(
    drawn: Draws,
    table: pd.DataFrame,
    prices: Mapping[str, np.ndarray],
    rng: np.random.Generator,
) -> tuple[
    dict[str, dict[str, np.ndarray]],
    dict[str, dict[str, np.ndarray]],
    dict[tuple[str, str], tuple[str, ...]],
]:
    """GB and USD of each component of each server.

    Parameters
    ----------
    drawn : Draws
    table : DataFrame
        Columns of data/server_content.csv, a row a server and component.
    prices : mapping of str to ndarray (draw, quarter)
        As `memory_prices` gives them.
    rng : numpy.random.Generator

    Returns
    -------
    gb : dict of dict of ndarray (draw, quarter)
        By server and memory; memories without a row are absent (none in the server).
    usd : dict of dict of ndarray (draw, quarter)
        By server and component; 'server' is the price of the whole.
    ids : dict
        Figures behind each row, by (server, component).

    Raises
    ------
    ValueError
        A row has another unit than its component is given in, or its ends make no range.
    """
    gb: dict[str, dict[str, np.ndarray]] = {}
    usd: dict[str, dict[str, np.ndarray]] = {}
    ids = {}
    for row in table.to_dict("records"):
        server, component, unit = str(row["server"]), str(row["component"]), str(row["unit"])
        values = _path(row, drawn, len(prices["dram"]), rng)
        ids[server, component] = tuple(f for f in _text(row["figure_ids"]).split(";") if f)
        gb.setdefault(server, {})
        usd.setdefault(server, {})
        if component in MEMORY:
            if unit not in ("GB", FROM_CHAIN):
                raise ValueError(f"server_content.csv, {server} {component}: unit {unit!r} is not GB")
            gb[server][component] = values
            usd[server][component] = values * prices[component]
        elif unit == "USD":
            usd[server][component] = values
        else:
            raise ValueError(f"server_content.csv, {server} {component}: unit {unit!r} is not USD")
    return gb, usd, ids


def bill_shares(usd: Mapping[str, np.ndarray]) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Value of each component and of the whole server.

    The whole is the server's price, or the sum of its parts where that is more: both are uncertain, and a
    bill can't be shorter than its lines. HBM lies inside the accelerators and is not added to them.

    Parameters
    ----------
    usd : mapping of str to ndarray (draw, quarter)
        By component; 'server' is the price of the whole.

    Returns
    -------
    parts : dict of str to ndarray (draw, quarter)
    whole : ndarray (draw, quarter)
    """
    parts = {c: v for c, v in usd.items() if c != "server"}
    added = np.sum([v for c, v in parts.items() if not (c == "hbm" and "gpu" in parts)], axis=0)
    return parts, np.maximum(usd["server"], added)


def _path(row: dict, drawn: Draws, n_draws: int, rng: np.random.Generator) -> np.ndarray:
    """Values of one row, (draw, quarter)."""
    if _text(row["unit"]) == FROM_CHAIN:
        per_server = drawn["hbm_gb_per_accelerator"] * drawn["accelerators_per_server"]
        return per_server[:, :N_QUARTERS].astype(float)
    where = f"server_content.csv, {row['server']} {row['component']}"
    try:
        level = prior_from_quantiles(float(row["p05"]), float(row["p95"]), "lognormal")
        bounds = float(row["growth_per_year_p05"]), float(row["growth_per_year_p95"])
        growth = prior_from_quantiles(*bounds, "normal")
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from None
    z = rng.standard_normal((2, n_draws, 1))
    slope = growth.loc + growth.scale * z[1]
    return np.exp(level.loc + level.scale * z[0] + slope * YEARS_FROM_ANCHOR)


def _server(
    server: str,
    gb: Mapping[str, np.ndarray],
    usd: Mapping[str, np.ndarray],
    ids: Mapping[str, tuple[str, ...]],
) -> list[Series]:
    out = []
    memory_ids = tuple(dict.fromkeys(f for c in MEMORY for f in ids.get(c, ())))
    for component, values in gb.items():
        volume, price = _volume_inputs(server, component), PRICE_INPUTS[component]
        out.append(_series(server, "gb", component, "GB", values, ids[component], volume))
        money = usd[component]
        out.append(_series(server, "usd", component, "USD", money, ids[component], (*volume, *price)))
    fast = [c for c in gb if c != "nand"]
    volumes = tuple(name for c in fast for name in _volume_inputs(server, c))
    every = _inputs(server, gb)
    in_gb, in_usd = np.sum([gb[c] for c in fast], axis=0), np.sum([usd[c] for c in gb], axis=0)
    out.append(_series(server, "gb", "dram_and_hbm", "GB", in_gb, memory_ids, volumes))
    out.append(_series(server, "usd", "memory", "USD", in_usd, memory_ids, every))
    if "server" in usd:
        parts, whole = bill_shares(usd)
        every = _inputs(server, usd)
        out.append(_series(server, "usd", "server", "USD", whole, ids["server"], every))
        for component, values in parts.items():
            found = tuple(dict.fromkeys((*ids[component], *ids["server"])))
            share = values / whole
            out.append(
                _series(server, "bom_share", component, "fraction", share, found, every, values, whole)
            )
    return out


def _multiples(
    server: str,
    gb: Mapping[str, Mapping[str, np.ndarray]],
    usd: Mapping[str, Mapping[str, np.ndarray]],
    ids: tuple[str, ...],
) -> list[Series]:
    """How many times a training server holds of what another does."""
    item = f"{REFERENCE}_vs_{server}"

    def volatile(of: Mapping[str, np.ndarray]) -> np.ndarray:
        return np.sum([v for c, v in of.items() if c in ("dram", "hbm")], axis=0)

    pairs = {
        "dram_and_hbm_gb": (volatile(gb[REFERENCE]), volatile(gb[server])),
        "dram_and_hbm_usd": (volatile(usd[REFERENCE]), volatile(usd[server])),
    }
    for memory in ("dram", "nand"):
        if memory in gb[server] and memory in gb[REFERENCE]:
            pairs[f"{memory}_gb"] = (gb[REFERENCE][memory], gb[server][memory])
            pairs[f"{memory}_usd"] = (usd[REFERENCE][memory], usd[server][memory])
    inputs = tuple(dict.fromkeys((*_inputs(REFERENCE, gb[REFERENCE]), *_inputs(server, gb[server]))))
    return [
        _series(item, "multiple", part, "ratio", above / below, ids, inputs, above, below)
        for part, (above, below) in pairs.items()
    ]


def _volume_inputs(server: str, component: str) -> tuple[str, ...]:
    """Name what the amount in a server rests on: the chain, or a row of server_content.csv."""
    if (server, component) == (REFERENCE, "hbm"):
        return ("hbm_gb_per_accelerator", "accelerators_per_server")
    return (f"server_content.{server}.{component}",)


def _inputs(server: str, components: Iterable[str]) -> tuple[str, ...]:
    """Collect the inputs of some components' values, each once."""
    names = (n for c in components for n in (*_volume_inputs(server, c), *PRICE_INPUTS.get(c, ())))
    return tuple(dict.fromkeys(names))


def _published_by(figures: pd.DataFrame, as_of: date) -> set[str]:
    """Figures that were published by a date and not put aside."""
    published = known_figures(figures, as_of)
    return set(published.loc[published["not_used_reason"].map(_text) == "", "figure_id"].astype(str))


def _text(value: object) -> str:
    return "" if value is None or (isinstance(value, float) and np.isnan(value)) else str(value).strip()


def _series(
    item: str,
    measure: str,
    part: str,
    unit: str,
    values: np.ndarray,
    ids: tuple[str, ...],
    inputs: tuple[str, ...],
    *of: np.ndarray,
) -> Series:
    yearly = "ratio" if of else "mean"
    # Figures only helped to choose the range: they are not conditioned on.
    trust = "few figures" if ids else "assumed"
    return make_series(SYSTEM, item, measure, part, unit, yearly, values, ids, inputs, *of, trust=trust)
