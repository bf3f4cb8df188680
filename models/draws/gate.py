"""The gate before publishing: what is measured, against which threshold, and what a failure says.

The thresholds stand in `models.draws.thresholds`. A row with ``passed`` empty only informs.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from models.draws.convergence import MINIMUM_DRAWS, rank_r_hat
from models.draws.joint import Draws
from models.draws.thresholds import THRESHOLDS, Thresholds
from models.inference.posterior import Posterior
from models.vocabulary.market import Market
from models.vocabulary.periods import N_QUARTERS
from models.vocabulary.quantities import HEADLINES
from models.vocabulary.rows import rows_of

FIRST_FORECAST_YEAR = "2024"
"""The product forecasts 2024 to 2027; earlier years are history that few figures pin down."""
COLUMNS = ("run_id", "name", "value", "threshold", "passed", "detail")
_LIMITS = (
    ("hbm_bits_gb", "hbm_bits_demand_gb"),
    ("hbm_bits_gb", "hbm_bits_supply_gb"),
    ("cowos_wafers", "cowos_wafers_demand"),
    ("cowos_wafers", "cowos_wafers_supply"),
)


def diagnose(
    run_id: str,
    posterior: Posterior,
    mixing: pd.DataFrame,
    forecast: pd.DataFrame,
    figure_fit: pd.DataFrame,
    identities: Mapping[str, float],
    of_the_forecast: Sequence[tuple[str, float, float, bool | None, str]] = (),
    thresholds: Thresholds = THRESHOLDS,
) -> pd.DataFrame:
    """Measure everything the gate looks at.

    Parameters
    ----------
    run_id : str
    posterior : Posterior
        With at least the statistics ``diverging`` and ``energy``.
    mixing, forecast : DataFrame
        Of `models.draws.summary.forecast_frames`.
    figure_fit : DataFrame
        Of `models.draws.figure_fit.figure_fit`.
    identities : mapping of str to float
        Of `identity_residuals`.
    of_the_forecast : sequence of tuple
        Rows of `models.draws.forecast_gate`.
    thresholds : Thresholds

    Returns
    -------
    DataFrame
        ``run_id, name, value, threshold, passed, detail``; a value that is not a number never passes.
    """
    t = thresholds
    rows = [
        *_sampler_rows(posterior, t),
        *_mixing_rows(mixing, t),
        *_coverage_rows(figure_fit, t),
        *_identity_rows(identities, t),
        *_error_rows(forecast, t),
        *of_the_forecast,
    ]
    frame = pd.DataFrame([(run_id, *row) for row in rows], columns=list(COLUMNS))
    return frame.astype({"value": float, "threshold": float, "passed": object})


def gate_passed(diagnostics: pd.DataFrame) -> bool:
    """Say whether no row failed and at least one was tested."""
    tested = diagnostics["passed"].dropna()
    return len(tested) > 0 and bool(tested.astype(bool).all())


def gate_reason(diagnostics: pd.DataFrame) -> str:
    """One line that says why a run fails the gate; empty when it passes."""
    if gate_passed(diagnostics):
        return ""
    failed = diagnostics[diagnostics["passed"].map(lambda x: x is not None and not pd.isna(x) and not x)]
    if failed.empty:
        return "gate: nothing was measured"
    words = []
    for row in rows_of(failed):
        detail = f", {row.detail}" if row.detail else ""
        words.append(f"{row.name} {row.value:.4g} (threshold {row.threshold:.4g}{detail})")
    return "gate: " + "; ".join(words)


def identity_residuals(drawn: Draws, market: Market) -> dict[str, float]:
    """Largest residual of each accounting identity over draws and periods.

    Parameters
    ----------
    drawn : Draws
    market : Market

    Returns
    -------
    dict of str to float
        Relative residuals; ``not finite or negative`` counts numbers.
    """
    bad = sum(int((~(v >= 0) | np.isinf(v)).sum()) for v in drawn.by_quantity.values())
    out = {"not finite or negative": float(bad)}
    annual = 0.0
    for quantity in market.quantities:
        if quantity.yearly == "sum":
            v = drawn[quantity.name].astype(float)
            quarters = v[:, :N_QUARTERS].reshape(len(v), -1, 4).sum(axis=2)
            annual = max(annual, _relative(v[:, N_QUARTERS:], quarters))
    out["annual is the sum of quarters"] = annual
    product = drawn["hbm_bits_gb"].astype(float) * drawn["hbm_price_usd_per_gb"]
    out["revenue is bits times price"] = _relative(drawn["hbm_revenue_usd"], product)
    shares = {
        "accelerator mix": [f"accelerator_mix_{c}" for c in market.class_names],
        "HBM generations": [f"hbm_generation_share_{g}" for g in market.generation_names],
    }
    for name, members in shares.items():
        total = sum(drawn[m].astype(float) for m in members)
        out[f"{name} sum to one"] = float(np.max(np.abs(total - 1.0)))
    beyond = [np.max(drawn[shipped] / drawn[limit].astype(float) - 1.0) for shipped, limit in _LIMITS]
    out["shipped beyond a limit"] = max(0.0, float(np.max(beyond)))
    return out


def _relative(found: np.ndarray, wanted: np.ndarray) -> float:
    with np.errstate(divide="ignore", invalid="ignore"):
        off = np.abs(found.astype(float) - wanted) / np.abs(wanted)
    return float(np.max(np.where(found == wanted, 0.0, off)))


def _sampler_rows(posterior: Posterior, t: Thresholds) -> list[tuple]:
    statistics = posterior.statistics
    diverging = np.asarray(statistics["diverging"], bool)
    share = float(diverging.mean())
    words = f"{int(diverging.sum())} of {diverging.size} draws"
    energy = np.asarray(statistics["energy"], float)
    bfmi = float(np.min(np.square(np.diff(energy, axis=1)).mean(axis=1) / energy.var(axis=1, ddof=1)))
    rows: list[tuple] = [
        ("divergences", share, t.divergent_share, share <= t.divergent_share, words),
        ("e_bfmi", bfmi, t.bfmi, bfmi >= t.bfmi, "least of the chains"),
    ]
    worst, where, above = 0.0, "", 0
    for name, values in posterior.raw.items():
        n_chains, n_draws = values.shape[:2]
        if n_chains < 2 or n_draws < MINIMUM_DRAWS or values.size == 0:
            continue
        found = rank_r_hat(np.moveaxis(values.reshape(n_chains, n_draws, -1), -1, 0))
        above += int((found > t.rhat).sum())
        largest = float(np.max(found))
        if not largest <= worst:
            worst = largest
            where = posterior.label(name, np.unravel_index(int(np.argmax(found)), values.shape[2:]))
    rows.append(("rhat_parameters", worst, t.parameter_rhat, bool(0 < worst <= t.parameter_rhat), where))
    rows.append(
        ("parameters_above_rhat", float(above), t.rhat, None, "parameters above the quantities' threshold")
    )
    if "depth" in statistics:
        rows.append(("tree_depth", float(np.max(statistics["depth"])), np.nan, None, "deepest tree"))
    return rows


def _mixing_rows(mixing: pd.DataFrame, t: Thresholds) -> list[tuple]:
    rows = []
    for name, column, threshold in (
        ("rhat", "rhat", t.rhat),
        ("ess_bulk", "ess_bulk", t.ess),
        ("ess_tail", "ess_tail", t.ess),
    ):
        # A series that is the same in every draw has no R-hat and needs none; its ESS is its number of draws.
        found = mixing[mixing["rhat"].notna() | mixing["ess_bulk"].isna()]
        value = found[column].to_numpy(float)
        if len(value) == 0:
            rows.append((name, np.nan, threshold, False, "no published quantity varies"))
            continue
        missing = int(np.isnan(value).sum())
        at = (
            int(np.argmax(np.isnan(value)))
            if missing
            else int(value.argmax() if name == "rhat" else value.argmin())
        )
        worst = float(value[at])
        where = f"worst of {len(value)}: {found['quantity'].iloc[at]} {found['period'].iloc[at]}"
        passed = worst <= threshold if name == "rhat" else worst >= threshold
        rows.append((name, worst, threshold, bool(passed), where))
    return rows


def _coverage_rows(figure_fit: pd.DataFrame, t: Thresholds) -> list[tuple]:
    pit = figure_fit.loc[figure_fit["used"].astype(bool), "pit"].dropna().to_numpy(float)
    rows = []
    for level, least, most in t.coverage:
        share = float((np.abs(pit - 0.5) <= level / 2).mean()) if len(pit) else np.nan
        passed = bool(least <= share <= most) if len(pit) >= t.coverage_minimum else None
        words = f"share of {len(pit)} used figures inside, wanted {least:g} to {most:g}"
        rows.append(
            (f"coverage_{round(level * 100)}", share, least if not share > most else most, passed, words)
        )
    return rows


def _identity_rows(identities: Mapping[str, float], t: Thresholds) -> list[tuple]:
    rows = []
    for name, value in identities.items():
        loose = "sum to one" in name or "limit" in name
        threshold = 0.0 if name.startswith("not finite") else t.share_sum if loose else t.identity
        rows.append((f"identity_{name.replace(' ', '_')}", value, threshold, bool(value <= threshold), ""))
    return rows


def _error_rows(forecast: pd.DataFrame, t: Thresholds) -> list[tuple]:
    """Headline Monte Carlo errors: years that end within two decide, later ones, quarters and history inform.

    Beyond that an interval spans a factor of five to ten and its ends need several times the draws: a rerun
    of history says how uncertain they are instead of failing.
    """
    rows: list[tuple] = []
    headline = forecast[forecast["quantity"].isin(HEADLINES)]
    headline = headline[headline["period"].str[:4] >= FIRST_FORECAST_YEAR]
    end = pd.to_datetime(headline["period"].str[:4] + "-12-31")
    later = end > pd.to_datetime(headline["as_of"]) + pd.DateOffset(years=t.headline_years)
    yearly = headline["period_kind"] == "year"
    groups = {"year": yearly & ~later, "later_year": yearly & later, "quarter": ~yearly & ~later}
    for kind, chosen in groups.items():
        part = headline[chosen]
        if part.empty:
            if kind != "later_year":
                rows.append(
                    (f"headline_mcse_{kind}", np.nan, t.headline_error, False, "no headline quantity")
                )
            continue
        low, high = ((part[f"mcse_{p}"] / part[p]).to_numpy(float) for p in ("p05", "p95"))
        off = np.maximum(low, high)
        at = int(np.argmax(np.where(np.isnan(off), np.inf, off)))
        where = (
            f"worst of p05 and p95: {part['quantity'].iloc[at]} {part['period'].iloc[at]}; "
            "more draws (--draws) make it smaller"
        )
        passed = bool(off[at] < t.headline_error) if kind == "year" else None
        rows.append((f"headline_mcse_{kind}", float(off[at]), t.headline_error, passed, where))
    return rows
