"""Reads everything a report shows from the state folder, read-only."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from dashboards.evidence import gather
from dashboards.frames import FIT_COLUMNS, ReportFrames
from dashboards.futures import EVERY_DRAWS
from dashboards.labels import BALANCE_QUANTITIES, FAN_QUANTITIES, RELATED_QUANTITIES
from dashboards.style import Provenance
from dashboards.tables import years_asked
from models.evidence.evidence import Evidence
from warehouse import frozen, history, layout, read, scores
from warehouse.errors import WarehouseError
from warehouse.notes import read_notes

if TYPE_CHECKING:
    import xarray as xr


def load(state: Path, run_id: str | None = None) -> ReportFrames:
    """Read one run.

    Parameters
    ----------
    state : Path
        State folder.
    run_id : str, optional
        Without it, the run served.

    Returns
    -------
    ReportFrames

    Raises
    ------
    warehouse.errors.WarehouseError
        When nothing is published yet, or no run has that id.
    """
    state = Path(state)
    if run_id is None:
        served = read.latest_run(state)
        if served is None:
            raise WarehouseError("no run is published yet; run `hbmcast nightly` first")
        run_id = str(served["run_id"])
    tables = read.run_tables(state, run_id)
    runs = tables["runs"]
    chosen = runs[runs["run_id"] == run_id]
    if chosen.empty:
        raise WarehouseError(f"there is no run {run_id}; the table runs lists those there are")
    run = chosen.iloc[0]
    as_of = pd.Timestamp(run["as_of"]).date()
    # The page leaves the house, with the night's shared files too: figures that may not leave stand on none.
    known = Evidence(**read.evidence(state, as_of, private=False))
    quantities = read.quantities(state)
    evidence = gather(known.figures, known.metrics, known.exchange_rates, tables["figure_fit"], quantities)
    kinds = tables["forecast"]["interval_kind"]
    posterior = _sampled_posterior(state, run)
    scoreboard, pits = scores.shown_scores(state)
    prospective = frozen.prospective_scoreboard(state)
    fans = (*FAN_QUANTITIES, *RELATED_QUANTITIES, *BALANCE_QUANTITIES)
    return ReportFrames(
        provenance=Provenance(run_id, as_of, str(kinds.iloc[0]) if len(kinds) else "equal_tailed"),
        forecast=_with_yearly(tables["forecast"], quantities),
        binding=tables["binding"],
        diagnostics=tables["diagnostics"],
        runs=runs,
        evidence=evidence,
        figure_fit=_with_metric(tables["figure_fit"], evidence),
        drivers=_with_unit(tables["posterior_drivers"], known.assumptions),
        publisher_bias=tables["publisher_bias"],
        system_forecast=tables["system_forecast"],
        scenarios=tables["scenarios"],
        sensitivities=tables["sensitivities"],
        scoreboard=scoreboard,
        pits=pits,
        prospective=prospective,
        history=history.forecasts_of_runs(state, fans),
        vintages=history.vintage_forecasts(state),
        outcomes=history.outcomes(state),
        drawn=history.draws_of_quantities(state, run_id, fans, years_asked(as_of), EVERY_DRAWS),
        revisions=history.revision_chains(state, as_of),
        notes=read_notes(state),
        assumptions=known.assumptions,
        tables=tables,
        posterior=partial(load_posterior, posterior),
        posterior_id=_id_of(posterior),
        posterior_is_weighted=posterior.stem != str(run["content_hash"]),
    )


def _sampled_posterior(state: Path, run: pd.Series) -> Path:
    """File of the posterior that was sampled: a weighted one has no chains but those it is made of."""
    # A warehouse of before that column has no such run.
    file = layout.posterior_file(state, str(run.get("reweighted_from")))
    return file if file.is_file() else layout.posterior_file(state, str(run["content_hash"]))


def _with_yearly(forecast: pd.DataFrame, quantities: pd.DataFrame) -> pd.DataFrame:
    yearly = quantities.set_index("quantity")["yearly"]
    return forecast.assign(yearly=forecast["quantity"].map(yearly).fillna(""))


def _id_of(file: Path) -> str:
    """Name a file with its size and time: a posterior fitted again by force keeps its name."""
    if not file.is_file():
        return ""
    found = file.stat()
    return f"{file.stem}:{found.st_size}:{found.st_mtime_ns}"


def _with_metric(fit: pd.DataFrame, evidence: pd.DataFrame) -> pd.DataFrame:
    about = evidence.drop_duplicates("figure_id").set_index("figure_id")
    added = {name: fit["figure_id"].map(about[name]).fillna("") for name in ("metric", "unit")}
    # A figure withdrawn since the run has no metric any more; its quantity stands in.
    added["metric"] = added["metric"].mask(added["metric"].eq(""), fit["quantity"])
    return fit.assign(**added)[list(FIT_COLUMNS)]


def _with_unit(drivers: pd.DataFrame, assumptions: pd.DataFrame) -> pd.DataFrame:
    units = assumptions.drop_duplicates("assumption").set_index("assumption")["unit"]
    keys = "driver." + drivers["driver"].astype(str) + ".level"
    return drivers.assign(unit=keys.map(units).fillna(drivers["driver"].map(units)).fillna(""))


def load_posterior(path: Path) -> "xr.DataTree | None":
    """Read a stored posterior.

    Parameters
    ----------
    path : Path
        netCDF file with groups ``posterior`` and ``sample_stats``, each (chain, draw, ...).

    Returns
    -------
    xarray.DataTree or None
        None when the file is not there or can't be read: the report then says so and shows the rest.
    """
    import xarray as xr

    if not path.is_file():
        return None
    try:
        with xr.open_datatree(path, engine="h5netcdf") as kept:
            tree = kept.load()
    except (OSError, ValueError, KeyError):
        return None
    return tree if "posterior" in tree.children else None
