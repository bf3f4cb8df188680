"""Everything one report shows, read from the state folder once and handed on as data frames."""

from dataclasses import dataclass, field

import pandas as pd
import xarray as xr

from dashboards.evidence import EVIDENCE_COLUMNS
from dashboards.style import Provenance

FIT_COLUMNS = (
    "figure_id", "metric", "quantity", "period", "unit", "published_value", "predicted_p05", "predicted_p50",
    "predicted_p95", "pit", "weight", "used", "reason",
)  # fmt: skip


@dataclass(slots=True)
class ReportFrames:
    """The input of the report; each frame holds the rows of one run, as the warehouse names them.

    Attributes
    ----------
    provenance : Provenance
    forecast, binding, diagnostics, drivers, publisher_bias : pandas.DataFrame
    figure_fit : pandas.DataFrame
        With the figure's ``metric`` and ``unit``.
    evidence : pandas.DataFrame
        With `dashboards.evidence.EVIDENCE_COLUMNS`.
    runs : pandas.DataFrame
        All runs and attempts, for the banner and the timings.
    posterior : xarray.DataTree or None
        None when it is no longer in the state folder.
    """

    provenance: Provenance
    forecast: pd.DataFrame
    binding: pd.DataFrame
    diagnostics: pd.DataFrame
    runs: pd.DataFrame
    evidence: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(EVIDENCE_COLUMNS)))
    figure_fit: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(FIT_COLUMNS)))
    drivers: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(
            columns=["driver", "period", "source", "p05", "p25", "p50", "p75", "p95"]
        )
    )
    publisher_bias: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=["publisher", "topic", "n", "p05", "p50", "p95"])
    )
    posterior: xr.DataTree | None = None
