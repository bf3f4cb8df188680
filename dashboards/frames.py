"""Everything one report shows, read from the state folder once and handed on as data frames."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from dashboards.evidence import EVIDENCE_COLUMNS
from dashboards.style import Provenance

if TYPE_CHECKING:
    import xarray as xr

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
    system_forecast, scenarios, sensitivities : pandas.DataFrame
        Without columns where the run has none.
    scoreboard, pits : pandas.DataFrame
        As `warehouse.scores.shown_scores` gives them.
    prospective : pandas.DataFrame
        View ``prospective_scoreboard``; empty before a frozen forecast has met its outcome.
    history : pandas.DataFrame
        Forecasts of every published run, as `warehouse.history.forecasts_of_runs` gives them.
    vintages : pandas.DataFrame
        What the latest backtest's vintages forecast: ``as_of, quantity, period, p05`` .. ``p95``.
    outcomes : pandas.DataFrame
        What came, as the latest backtest reads it: ``quantity, period, value, log_sd, known_on``.
    drawn : pandas.DataFrame
        Some joint draws of the run: ``draw, quantity, period, value``; empty where they are no longer kept.
    revisions : pandas.DataFrame
        View ``revision_chains``, of figures the run could see.
    notes : pandas.DataFrame
        As `warehouse.notes.read_notes` gives them.
    assumptions : pandas.DataFrame
        Rows of data/assumptions.csv in force: what the drivers' priors mean.
    tables : dict of str to pandas.DataFrame
        Every table of the run by its name in the warehouse; see `table`.
    posterior : callable
        Returns the posterior as xarray.DataTree, or None when it is no longer in the state folder.
    posterior_id : str
        Changes with the posterior; empty without one.
    posterior_is_weighted : bool
        Whether the run's posterior is that one with its draws weighted by figures that changed.
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
    system_forecast: pd.DataFrame = field(default_factory=pd.DataFrame)
    scenarios: pd.DataFrame = field(default_factory=pd.DataFrame)
    sensitivities: pd.DataFrame = field(default_factory=pd.DataFrame)
    scoreboard: pd.DataFrame = field(default_factory=pd.DataFrame)
    pits: pd.DataFrame = field(default_factory=pd.DataFrame)
    prospective: pd.DataFrame = field(default_factory=pd.DataFrame)
    history: pd.DataFrame = field(default_factory=pd.DataFrame)
    vintages: pd.DataFrame = field(default_factory=pd.DataFrame)
    outcomes: pd.DataFrame = field(default_factory=pd.DataFrame)
    drawn: pd.DataFrame = field(default_factory=pd.DataFrame)
    revisions: pd.DataFrame = field(default_factory=pd.DataFrame)
    notes: pd.DataFrame = field(default_factory=pd.DataFrame)
    assumptions: pd.DataFrame = field(default_factory=pd.DataFrame)
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    posterior: "Callable[[], xr.DataTree | None]" = lambda: None
    posterior_id: str = ""
    posterior_is_weighted: bool = False

    def table(self, name: str) -> pd.DataFrame:
        """Return the rows of the run in a table of the warehouse; without columns where the run has none."""
        return self.tables.get(name, pd.DataFrame())
